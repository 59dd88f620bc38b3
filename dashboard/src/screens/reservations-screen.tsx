import { Panel } from '../panels/panel.js';
import { ScreenHead } from './screen-head.js';

export function ReservationsScreen() {
  return (
    <>
      <ScreenHead title="Reservations">
        <span className="muted">
          A lease keeps a device for one person; runs of others wait and say for whom. Closing the page changes nothing.
        </span>
      </ScreenHead>
      <Panel name="leases" title="Who holds what" subject={{}} />
    </>
  );
}
