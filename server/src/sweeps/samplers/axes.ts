import {
  type Constraint,
  type MetricId,
  type MetricRow,
  type MetricValues,
  meets,
  metrics,
  type Objective,
} from '@hilltop/contracts';
import { onAxis } from '../../frontier/reference-point.js';

/** Values on the axes on which volumes are computed (see `onAxis`), all minimised; undefined where one is not there or has no place on its axis. */
export function placeOf(values: MetricValues, objectives: readonly Objective[]): number[] | undefined {
  const place = objectives.map(({ metric }) => axisValue(metric, values));
  return place.every((value) => value !== undefined) ? place : undefined;
}

/** One metric on its axis, minimised. */
export function axisValue(metric: MetricId, values: MetricValues): number | undefined {
  const value = values[metric]?.value;
  if (value === undefined || !Number.isFinite(value)) return undefined;
  return isLog(metric) && value <= 0 ? undefined : onAxis(metric, value);
}

export const isLog = (metric: MetricId): boolean => (metrics[metric] as MetricRow).scale === 'log';

/** Standard deviation of a measured value on its axis, from its 95 % interval. Undefined where it has none. */
export function axisDeviation(metric: MetricId, values: MetricValues): number | undefined {
  const found = values[metric];
  if (found?.low === undefined || found.high === undefined) return undefined;
  if (isLog(metric) && found.low <= 0) return undefined;
  const wide = Math.abs(onAxis(metric, found.high) - onAxis(metric, found.low));
  return wide / 3.92;
}

/** Whether what is known already breaks a constraint; what is not known yet breaks none. */
export const breaks = (constraints: readonly Constraint[], known: MetricValues): boolean =>
  constraints.some((constraint) => known[constraint.metric] !== undefined && !meets(constraint, known));
