import type { FrontierPoint, MetricId, MetricValue } from '@hilltop/contracts';

/** A point with the given values (intervals of 2 % around latencies), for tests. */
export function testPoint(
  recipe: string,
  values: Partial<Record<MetricId, number>>,
  more: Partial<FrontierPoint> = {},
): FrontierPoint {
  const metrics = Object.fromEntries(
    Object.entries(values).map(([metric, value]): [string, MetricValue] => [
      metric,
      { value, low: value * 0.98, high: value * 1.02, n: 5, unit: '' },
    ]),
  );
  return {
    variant: `var_${recipe}`,
    recipe,
    settings: { threads: 1, graphLevel: 'all' },
    artifact: { sha256: 'a'.repeat(64), bytes: 1000 },
    runs: [`run_${recipe}`],
    verdict: 'clean',
    metrics,
    status: 'on',
    probability: 1,
    dominatedBy: [],
    ...more,
  };
}
