import { type MetricId, type MetricValues, metrics, type Training } from '@hilltop/contracts';

/** What training cost as metrics: stated, so without an interval. */
export function trainingMetrics(training: Training | null | undefined): MetricValues {
  const stated = Object.entries(training ?? {}) as [keyof Training, number | undefined][];
  return Object.fromEntries(
    stated.flatMap(([id, value]) => (value === undefined ? [] : [[id, { value, n: 1, unit: metrics[id].unit }]])),
  );
}

/** The part of these metrics that was stated about training. */
export function statedOf(values: MetricValues): MetricValues {
  return Object.fromEntries(
    Object.entries(values).filter(([id]) => metrics[id as MetricId].source === 'training'),
  ) as MetricValues;
}
