import { Panel } from '../panels/panel.js';
import { ScreenHead } from './screen-head.js';

export function SweepsScreen() {
  return (
    <>
      <ScreenHead title="Sweeps" />
      <Panel name="sweeps" title="Recent sweeps" />
    </>
  );
}
