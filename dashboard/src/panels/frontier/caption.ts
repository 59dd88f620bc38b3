import { type DeviceFrontier, type MetricRow, metrics, type ProtocolName, protocols } from '@hilltop/contracts';
import { formatNumber } from '../../format/number.js';
import type { View } from '../../view/view.js';
import type { ChartModel } from './chart-model.js';
import { excludedText } from './select-frontiers.js';

export interface CaptionInput {
  readonly frontier: DeviceFrontier;
  readonly protocol: ProtocolName | undefined;
  readonly view: View;
  readonly model: ChartModel | undefined;
  /** How many constraints the view has. */
  readonly constraints: number;
  /** Why the baseline of the view is not drawn. */
  readonly base?: string | undefined;
}

/** The key all points of a chart share, what the bars are, and what is not in the picture. */
export function captionOf({ frontier, protocol, view, model, constraints, base }: CaptionInput): string {
  const { device, points, hypervolume } = frontier;
  const excluded = excludedText([frontier]);
  const n = points[0]?.metrics[view.x]?.n;
  // Only boards have an arena; they measure in loops, not in processes.
  const blocks = points[0]?.metrics.arena_bytes ? 'loops' : 'processes';
  return [
    ...(protocol ? [`protocol ${protocol}, ${protocols[protocol].scenario}`] : []),
    device.type,
    ...(device.emulated ? ['emulated'] : []),
    ...(frontier.energy
      ? [`energy of ${frontier.energy.scope}${frontier.energy.simulated ? ', simulated meter' : ''}`]
      : []),
    `bars: 95 % interval${n !== undefined && n > 1 && metrics[view.x].source === 'latency' ? `, n = ${n} ${blocks}` : ''}`,
    ...(model?.draws === undefined
      ? []
      : [`stairs: reached by half of n = ${model.draws} re-draws, band: by 10 to 90 %`]),
    ...(hypervolume === undefined ? [] : [`hypervolume ${formatNumber(hypervolume)}`]),
    ...(view.z
      ? [
          `status over three objectives with ${(metrics[view.z] as MetricRow).label.toLowerCase()}, so no stairs are drawn`,
        ]
      : []),
    ...(model && constraints > 0
      ? [`${model.fit} of ${model.marks.length} fit, ${model.fitOnFrontier} of them on or near the frontier`]
      : []),
    ...(model && model.unplaced > 0 ? [`${model.unplaced} without one of the two metrics`] : []),
    ...(base === undefined ? [] : [base]),
    ...(excluded ? [`left out: ${excluded}`] : []),
  ].join(' · ');
}
