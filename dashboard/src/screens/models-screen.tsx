import { Panel } from '../panels/panel.js';
import { ScreenHead } from './screen-head.js';

export function ModelsScreen() {
  return (
    <>
      <ScreenHead title="Models" />
      <Panel name="models" title="All models" />
    </>
  );
}
