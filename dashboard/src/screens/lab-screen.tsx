import { Panel } from '../panels/panel.js';
import css from './screen.module.css';
import { ScreenHead } from './screen-head.js';

/** The lab: what needs you, what is busy, what there is. */
export function LabScreen() {
  return (
    <>
      <ScreenHead title="Lab" />
      <Panel name="needs-you" />
      <Panel name="devices" />
      <Panel name="now" />
      <div className={`${css.two} ${css.half}`}>
        <Panel name="jobs" />
        <Panel name="models" />
      </div>
      <Panel name="activity" />
    </>
  );
}
