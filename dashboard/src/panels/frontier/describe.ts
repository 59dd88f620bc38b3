import { type MetricId, type MetricRow, metrics } from '@hilltop/contracts';
import { formatInterval } from '../../format/number.js';
import type { Mark } from './chart-model.js';

/** The words of a status, the same on screen, in the table and for screen readers. */
export const statusWords = { on: 'on the frontier', uncertain: 'uncertain', dominated: 'dominated' } as const;

/** A point in words: `int8: latency p50 12.9 ± 0.6 ms, accuracy 0.912 ± 0.006; on the frontier`. */
export function describePoint(
  mark: Pick<Mark, 'label' | 'point' | 'status' | 'feasible' | 'disturbed'>,
  axes: readonly MetricId[],
): string {
  const values = axes.flatMap((metric) => {
    const value = mark.point.metrics[metric];
    return value ? [`${(metrics[metric] as MetricRow).label} ${formatInterval(metric, value)}`] : [];
  });
  const extra = [
    ...(mark.disturbed ? ['measured while disturbed'] : []),
    ...(mark.feasible ? [] : ['outside the constraints']),
  ];
  return [`${mark.label}: ${values.join(', ')}`, statusWords[mark.status], ...extra].join('; ');
}
