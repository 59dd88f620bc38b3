import { type Attainment, attainmentShares, type Objective } from '@hilltop/contracts';

/** So many joint replicates stand behind a band: its edges are their 20th and 180th. */
export const attainmentDraws = 200;
/** The stairs are looked at in at most so many places, and keep at most so many corners: cost and bytes are bounded. */
const mostPlaces = 2000;
const mostCorners = 48;

type Corner = readonly [number, number];

/**
 * Empirical attainment: the stairs that at least a tenth, half and nine tenths of the replicates reach (are as good as or better
 * than, on both axes). `draws`: minimised vectors of two objectives, of all points. Corners come in the objectives' own signs and
 * units, best x first. Definition: Grunert da Fonseca, Fonseca & Hall 2001; as in moocore's eaf.
 */
export function attainment(
  draws: ReadonlyArray<readonly ArrayLike<number>[]>,
  objectives: readonly Objective[],
): Attainment | undefined {
  const [x, y] = objectives;
  if (!x || !y || objectives.length > 2 || !draws[0]?.length) return undefined;
  const fronts = draws.map(frontOf);
  const places = thinned([...new Set(fronts.flatMap((front) => front.map(([at]) => at)))].sort((a, b) => a - b));
  const levels = attainmentShares.map((share) => ({ share, corners: [] as Corner[] }));
  const cursors = new Uint32Array(fronts.length);
  const best = new Float64Array(fronts.length).fill(Number.POSITIVE_INFINITY);
  for (const place of places) {
    for (const [i, front] of fronts.entries()) {
      for (; (front[cursors[i]!]?.[0] ?? Number.POSITIVE_INFINITY) <= place; cursors[i]! += 1)
        best[i] = front[cursors[i]!]![1];
    }
    const sorted = best.slice().sort();
    for (const { share, corners } of levels) {
      const reached = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
      if (reached < (corners.at(-1)?.[1] ?? Number.POSITIVE_INFINITY)) corners.push([place, reached]);
    }
  }
  const sign = (value: number, objective: Objective): number =>
    Number((objective.direction === 'max' ? -value : value).toPrecision(6));
  return {
    x: x.metric,
    y: y.metric,
    draws: draws.length,
    levels: levels.map(({ share, corners }) => ({
      share,
      stairs: fewer(corners).map(([a, b]): [number, number] => [sign(a, x), sign(b, y)]),
    })),
  };
}

/** Non-dominated corners of one replicate, best x first. */
function frontOf(points: readonly ArrayLike<number>[]): Corner[] {
  const sorted = points.map((p): Corner => [p[0]!, p[1]!]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const front: Corner[] = [];
  for (const corner of sorted) if (front.length === 0 || corner[1] < front.at(-1)![1]) front.push(corner);
  return front;
}

/** Every so manieth, and always the last: more places lie where more points do. */
function thinned(places: readonly number[]): number[] {
  const step = Math.ceil(places.length / mostPlaces);
  return places.filter((_, i) => i % step === 0 || i === places.length - 1);
}

/** Without the corners that change the stairs least, in shares of their extent; a corner left out makes them worse, never better. */
function fewer(corners: readonly Corner[]): Corner[] {
  const kept = [...corners];
  const width = (kept.at(-1)?.[0] ?? 0) - (kept[0]?.[0] ?? 0) || 1;
  const height = (kept[0]?.[1] ?? 0) - (kept.at(-1)?.[1] ?? 0) || 1;
  while (kept.length > mostCorners) {
    let least = 1;
    let area = Number.POSITIVE_INFINITY;
    for (let i = 1; i < kept.length - 1; i++) {
      const lost = ((kept[i + 1]![0] - kept[i]![0]) / width) * ((kept[i - 1]![1] - kept[i]![1]) / height);
      if (lost < area) [least, area] = [i, lost];
    }
    kept.splice(least, 1);
  }
  return kept;
}
