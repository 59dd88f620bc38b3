import {
  type FrontierPoint,
  formatMetric,
  type MetricId,
  type MetricRow,
  metrics,
  scaleKind,
} from '@hilltop/contracts';

/** How a further metric becomes a size or a colour. */
export interface ThirdMetric {
  readonly metric: MetricId;
  readonly label: string;
  /** 0 at the least, 1 at the most that was measured; undefined where it was not measured. */
  readonly shareOf: (point: Pick<FrontierPoint, 'metrics'>) => number | undefined;
  /** Least, middle and most, for the legend. */
  readonly steps: readonly { readonly share: number; readonly text: string }[];
}

/** Over all points that share a picture or a row of them. Undefined where nobody measured it. */
export function thirdMetric(
  metric: MetricId | undefined,
  points: readonly Pick<FrontierPoint, 'metrics'>[],
): ThirdMetric | undefined {
  if (metric === undefined) return undefined;
  const values = points.flatMap((p) => p.metrics[metric]?.value ?? []);
  if (values.length === 0) return undefined;
  const map = scaleKind(metric, values, undefined) === 'log' ? Math.log : (v: number) => v;
  const unmap = map === Math.log ? Math.exp : (v: number) => v;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, map(value));
    high = Math.max(high, map(value));
  }
  const span = high - low;
  return {
    metric,
    label: (metrics[metric] as MetricRow).label,
    shareOf: ({ metrics: { [metric]: value } }) =>
      value === undefined ? undefined : span === 0 ? 0.5 : (map(value.value) - low) / span,
    steps: (span === 0 ? [0.5] : [0, 0.5, 1]).map((share) => ({
      share,
      text: formatMetric(metric, Number(unmap(low + share * span).toPrecision(6))),
    })),
  };
}

/** Times the usual mark: its area grows with the share. */
export const sizeFactor = (share: number): number => Math.sqrt(0.5 + 3 * share);
