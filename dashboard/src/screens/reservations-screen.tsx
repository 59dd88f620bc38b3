import { useBlocked } from '../app/lab-context.js';
import { useDialogs } from '../dialogs/dialogs-context.js';
import { Panel } from '../panels/panel.js';
import { Button } from '../ui/button.js';
import { ScreenHead } from './screen-head.js';

/** Who has which device when: as a calendar, and as a list for narrow screens and for those who listen. */
export function ReservationsScreen() {
  const { open } = useDialogs();
  const blocked = useBlocked('operator');
  return (
    <>
      <ScreenHead
        title="Reservations"
        actions={
          <Button kind="primary" blocked={blocked} onClick={() => open('reserve')}>
            Reserve…
          </Button>
        }
      >
        <span className="muted">
          A lease begins now, or when those before you are done. Closing the page changes nothing.
        </span>
      </ScreenHead>
      <Panel name="calendar" subject={{}} />
      <Panel name="leases" title="Who holds what" subject={{}} />
    </>
  );
}
