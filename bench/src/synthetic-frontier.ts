import { type DeviceFrontier, type Frontier, type FrontierPoint, mulberry32 } from '@hilltop/contracts';

/** A frontier of so many points as a large search would leave it, from a seed: its numbers are made up and measure nothing. */
export function syntheticFrontier(count: number, like: Frontier, seed = 1): Frontier {
  const random = mulberry32(seed);
  const device = like.devices[0]!;
  const points = Array.from({ length: count }, (_, i): FrontierPoint => {
    const bytes = Math.round(20_000 * 40 ** random());
    // Larger is better on the whole, with a spread; what lies on the upper edge is on the frontier.
    const best = 0.7 + 0.22 * (Math.log(bytes / 20_000) / Math.log(40)) ** 0.5;
    const accuracy = best - 0.25 * random() ** 1.5;
    const gap = best - accuracy;
    const latency = 0.05 + (bytes / 1e6) * (0.5 + random());
    return {
      variant: `var_synthetic${String(i).padStart(6, '0')}`,
      recipe: device.points[i % device.points.length]!.recipe,
      settings: device.points[0]!.settings,
      artifact: { sha256: i.toString(16).padStart(64, '0'), bytes },
      runs: [`run_synthetic${String(i).padStart(6, '0')}`],
      verdict: 'clean',
      metrics: {
        latency_p50_ms: { value: latency, low: latency * 0.98, high: latency * 1.02, n: 30, unit: 'ms' },
        accuracy: { value: accuracy, low: accuracy - 0.006, high: accuracy + 0.006, n: 2500, unit: '' },
        size_bytes: { value: bytes, low: bytes, high: bytes, n: 1, unit: 'bytes' },
        memory_peak_bytes: { value: bytes * 4, low: bytes * 3.9, high: bytes * 4.1, n: 30, unit: 'bytes' },
      },
      status: gap < 0.001 ? 'on' : gap < 0.003 ? 'uncertain' : 'dominated',
      probability: gap < 0.001 ? 0.97 : gap < 0.003 ? 0.4 : 0,
      dominatedBy: [],
    };
  });
  const frontier: DeviceFrontier = { ...device, points };
  return { ...like, devices: [frontier] };
}
