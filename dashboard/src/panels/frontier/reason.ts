import { type FrontierPoint, type MetricId, type MetricRow, metrics } from '@hilltop/contracts';
import { formatMetric } from '../../format/number.js';

const quality = (metric: MetricId): boolean => (metrics[metric] as MetricRow).direction === 'max';

/** `1.9 ms lower, 0.004 higher`: how the better one is better on the axes; what is equal is left out. */
export function betterBy(better: FrontierPoint, worse: FrontierPoint, axes: readonly MetricId[]): string {
  return axes
    .flatMap((metric) => {
      const a = better.metrics[metric]?.value;
      const b = worse.metrics[metric]?.value;
      if (a === undefined || b === undefined || a === b) return [];
      const label = (metrics[metric] as MetricRow).label.toLowerCase();
      return [`${label} ${formatMetric(metric, Math.abs(a - b))} ${quality(metric) === a > b ? 'better' : 'worse'}`];
    })
    .join(', ');
}

/** Why a point has its status, in one sentence. */
export function reasonOf(point: FrontierPoint, all: readonly FrontierPoint[], axes: readonly MetricId[]): string {
  const percent = `${Math.round(point.probability * 100)} of 100 re-draws`;
  if (point.status === 'on') return `Nothing beats it in ${percent}.`;
  const by = point.dominatedBy
    .map((variant) => all.find((other) => other.variant === variant && other !== point))
    .filter((other): other is FrontierPoint => other !== undefined)
    .sort((a, b) => b.probability - a.probability)[0];
  const difference = by ? betterBy(by, point, axes) : '';
  const named = by ? `${by.recipe}${difference ? ` (${difference})` : ''}` : undefined;
  if (point.status === 'dominated') return named ? `Dominated by ${named}.` : 'Something else is better on every axis.';
  return `Not sure yet: nothing beats it in ${percent}${named ? `; its rival is ${named}` : ''}.`;
}
