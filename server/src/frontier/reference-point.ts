import { type MetricId, type MetricRow, metrics as metricTable, type Objective } from '@hilltop/contracts';
import { hypervolume } from './hypervolume.js';

/** Metric -> its reference value, in the metric's own unit. Written once, at the first clean fp32 run. */
export type ReferencePoint = Partial<Record<MetricId, number>>;

/** Twice fp32's cost (half, where more is better on a log axis); chance level for quality. */
export function referenceOf(metric: MetricId, fp32: number, classes: number | undefined): number {
  const row: MetricRow = metricTable[metric];
  if (row.source === 'quality') return classes ? 1 / classes : 0;
  return row.direction === 'max' ? fp32 / 2 : fp32 * 2;
}

/** A value on the axis on which volumes are computed: log for costs, linear for quality; smaller is better. */
export function onAxis(metric: MetricId, value: number): number {
  const row: MetricRow = metricTable[metric];
  const scaled = row.scale === 'log' ? Math.log(Math.max(value, Number.MIN_VALUE)) : value;
  return row.direction === 'max' ? -scaled : scaled;
}

/**
 * Volume of the points over the volume of fp32 alone: 1 means nothing was gained. Undefined when fp32 does not
 * reach inside the reference itself.
 */
export function relativeVolume(
  points: readonly (readonly number[])[],
  fp32: readonly number[],
  reference: readonly number[],
  objectives: readonly Objective[],
): number | undefined {
  const place = (values: readonly number[]): number[] => values.map((v, i) => onAxis(objectives[i]!.metric, v));
  const corner = place(reference);
  const alone = hypervolume([place(fp32)], corner);
  return alone > 0 ? hypervolume(points.map(place), corner) / alone : undefined;
}
