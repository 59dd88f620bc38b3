import { useBlocked } from '../app/lab-context.js';
import { useDialogs } from '../dialogs/dialogs-context.js';
import { Panel } from '../panels/panel.js';
import { Button } from '../ui/button.js';
import { ScreenHead } from './screen-head.js';

export function SweepsScreen() {
  const { open } = useDialogs();
  const blocked = useBlocked('operator');
  return (
    <>
      <ScreenHead
        title="Sweeps"
        actions={
          <Button kind="primary" blocked={blocked} onClick={() => open('new-sweep')}>
            New sweep
          </Button>
        }
      />
      <Panel name="sweeps" title="Recent sweeps" />
    </>
  );
}
