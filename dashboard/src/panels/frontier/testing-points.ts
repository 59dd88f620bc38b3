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

/** So many points along a noisy frontier, for benches and tests; the same `random` gives the same points. */
export function syntheticPoints(count: number, random: () => number): FrontierPoint[] {
  const made = Array.from({ length: count }, (_, i) => {
    const speed = random();
    const waste = random() ** 2;
    return testPoint(`recipe-${i}`, {
      latency_p50_ms: 2 * 30 ** speed * (1 + waste),
      accuracy: 0.7 + 0.2 * speed ** 0.6 - 0.25 * waste * random(),
      memory_peak_bytes: 1e6 * 60 ** random(),
      size_bytes: 1e5 * 40 ** speed,
    });
  });
  const sorted = [...made].sort((a, b) => a.metrics.latency_p50_ms!.value - b.metrics.latency_p50_ms!.value);
  let best = 0;
  const status = new Map<string, FrontierPoint['status']>();
  for (const point of sorted) {
    const accuracy = point.metrics.accuracy!.value;
    status.set(point.variant, accuracy > best ? 'on' : accuracy > best - 0.003 ? 'uncertain' : 'dominated');
    best = Math.max(best, accuracy);
  }
  const probability = { on: 1, uncertain: 0.5, dominated: 0 };
  return made.map((point) => {
    const own = status.get(point.variant)!;
    return { ...point, status: own, probability: probability[own] };
  });
}
