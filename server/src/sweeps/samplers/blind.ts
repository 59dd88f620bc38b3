import { axisValue, placeOf } from './axes.js';
import type { PlaceStanding } from './place-standing.js';
import type { SearchPoint, SearchState, SearchStep } from './sampler.js';

/** So many results without an objective's metric show that the device does not measure it. */
const enough = 3;

/** The step where no result of the device places it on the axes yet; undefined where one does. */
export function blindStep(
  state: SearchState,
  standing: PlaceStanding,
  left: readonly SearchPoint[],
): SearchStep | undefined {
  const { objectives, protocol } = state;
  const measured = standing.results.flatMap(({ metrics }) => (metrics ? [metrics] : []));
  if (measured.some((metrics) => placeOf(metrics, objectives))) return undefined;
  if (measured.length >= enough) {
    const missing = objectives.filter(({ metric }) =>
      measured.every((metrics) => axisValue(metric, metrics) === undefined),
    );
    return {
      kind: 'done',
      why: `none of ${measured.length} results has ${missing.map(({ metric }) => metric).join(', ') || 'all objectives'}`,
    };
  }
  const [first] = byScreening(left, state);
  if (!first) return undefined;
  return {
    kind: 'try',
    pointKey: first.key,
    protocol,
    reason: 'screening',
    why: `no result here yet; the best of ${left.length} points by what is known without a device`,
  };
}

/** In the order of their summed ranks in whatever is known of all of them: quality, size, multiplications. */
function byScreening(points: readonly SearchPoint[], { objectives }: SearchState): SearchPoint[] {
  const metrics = [...new Set([...objectives.map(({ metric }) => metric), 'macs' as const, 'size_bytes' as const])];
  const sums = new Map(points.map(({ key }) => [key, 0]));
  for (const metric of metrics) {
    const values = points.map(({ key, screening }) => ({ key, value: axisValue(metric, screening) }));
    if (values.some(({ value }) => value === undefined)) continue;
    values
      .sort((a, b) => a.value! - b.value!)
      .forEach(({ key }, rank) => {
        sums.set(key, sums.get(key)! + rank);
      });
  }
  return [...points].sort((a, b) => sums.get(a.key)! - sums.get(b.key)!);
}
