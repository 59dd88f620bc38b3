import type { EnergyBudget, PowerDocument, PowerWindow } from '@hilltop/contracts';
import { formatMetric } from '../../format/number.js';
import { withHoles } from '../../live/power-buffer.js';
import type { TraceSource } from '../../live/trace-buffer.js';
import type { Level, Shade } from '../trace/trace-options.js';

/** The stored power as a trace: what the lab brought to buckets, with its holes. */
export function powerTrace({ atMs, minW, meanW, maxW, gapMs }: PowerDocument): TraceSource {
  const columns = withHoles(atMs, [minW, meanW, maxW], gapMs);
  return { version: 0, columns: () => columns };
}

/** The measuring loops and the waits for idle power; one with a fault in it stands out, and so does the fault. */
export function shadesOf({ windows, faultsMs }: Pick<PowerDocument, 'windows' | 'faultsMs'>): Shade[] {
  const colour = ({ what, whole }: PowerWindow): Shade['colour'] =>
    !whole ? '--shade-bad' : what === 'loop' ? '--shade-loop' : '--shade-idle';
  return [
    ...windows
      .filter(({ what }) => what !== 'load')
      .map((window) => ({ from: window.fromMs / 1000, to: window.toMs / 1000, colour: colour(window) })),
    ...faultsMs.map((at): Shade => ({ from: at / 1000, to: at / 1000, colour: '--bad' })),
  ];
}

/** Idle power as a line to hold the trace against. */
export function idleLevel(energy: EnergyBudget | undefined): Level | undefined {
  if (energy?.idleW === undefined) return undefined;
  return { value: energy.idleW, label: `idle ${formatMetric('power_idle_w', energy.idleW)}` };
}
