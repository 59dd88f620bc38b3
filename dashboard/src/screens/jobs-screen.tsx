import { Panel } from '../panels/panel.js';
import { ScreenHead } from './screen-head.js';

export function JobsScreen() {
  return (
    <>
      <ScreenHead title="Jobs" />
      <Panel name="jobs" title="Recent jobs" />
    </>
  );
}
