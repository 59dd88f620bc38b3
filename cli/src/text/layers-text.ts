import type { LayerTime, Run } from '@hilltop/contracts';
import type { Style } from './style.js';
import { table } from './table.js';
import { formatMetric, significant } from './units.js';

/** Columns of the longest bar. */
const barColumns = 20;

/** Where the time of an inference on a board goes: a row an operator, in the order of the plan. '' where none was counted. */
export function layersText(layers: readonly LayerTime[], run: Pick<Run, 'metrics'>, style: Style): string {
  const unit = run.metrics.cycles ? 'Cycles' : run.metrics.instructions ? 'Instructions' : 'Ticks';
  const most = Math.max(...layers.map(({ share }) => share));
  return table(
    layers,
    [
      { title: 'Step', align: 'right', cell: ({ step }) => String(step) },
      { title: 'Operator', cell: ({ kind }) => kind },
      { title: unit, align: 'right', cell: ({ ticks }) => formatMetric('cycles', ticks) },
      { title: 'Share', align: 'right', cell: ({ share }) => `${(share * 100).toFixed(1)} %` },
      { title: '', cell: ({ share }) => style.dim('█'.repeat(Math.round((share / most) * barColumns))) },
      { title: 'MACs', align: 'right', cell: ({ macs }) => (macs > 0 ? formatMetric('macs', macs) : undefined) },
      {
        title: 'per MAC',
        align: 'right',
        cell: ({ ticksPerMac }) => (ticksPerMac === undefined ? undefined : significant(ticksPerMac)),
      },
    ],
    style,
  );
}
