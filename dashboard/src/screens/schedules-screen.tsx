import { useBlocked } from '../app/lab-context.js';
import { useDialogs } from '../dialogs/dialogs-context.js';
import { Panel } from '../panels/panel.js';
import { Button } from '../ui/button.js';
import { ScreenHead } from './screen-head.js';

/** The morning's page: what changed over night, and what starts the next. */
export function SchedulesScreen() {
  const { open } = useDialogs();
  const blocked = useBlocked('operator');
  return (
    <>
      <ScreenHead
        title="Schedules"
        actions={
          <Button kind="primary" blocked={blocked} onClick={() => open('new-schedule')}>
            New schedule
          </Button>
        }
      />
      <Panel name="since-good" />
      <Panel name="schedules" title="All schedules" />
    </>
  );
}
