/** Sorted points with the sums a cost between any two of them needs. */
interface Points {
  readonly values: Float64Array;
  /** Running sums of weights, weights x values, weights x squares; one longer than `values`. */
  readonly w: Float64Array;
  readonly wx: Float64Array;
  readonly wxx: Float64Array;
}

/** Equal stretches of the range on which the first solution is sought exactly; 256 clusters are still 8 bins each. */
const bins = 2048;
const mostRounds = 100;

/**
 * The `clusters` values (or fewer, where there are fewer) that stand for `values` with the least sum of weighted squared errors,
 * rising: exact on a histogram by dynamic programming, then Lloyd's rounds on the values themselves until nothing moves.
 * Deterministic. `weights`: how much each error counts; all alike where they are left out.
 */
export function kMeans(values: Float64Array, clusters: number, weights?: Float64Array): Float64Array {
  const points = sorted(values, weights);
  const distinct = distinctOf(points.values, clusters);
  if (distinct) return distinct;
  let centres = exactOnHistogram(points, clusters);
  for (let round = 0; round < mostRounds; round++) {
    const next = lloyd(points, centres);
    if (next.every((c, i) => c === centres[i])) break;
    centres = next;
  }
  return centres;
}

/** Index of the nearest of rising centres; of two equally near the lower. */
export function nearest(centres: Float64Array, value: number): number {
  let low = 0;
  let high = centres.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= (centres[middle]! + centres[middle + 1]!) / 2) high = middle;
    else low = middle + 1;
  }
  return low;
}

function sorted(values: Float64Array, weights?: Float64Array): Points {
  const n = values.length;
  let order: Uint32Array | undefined;
  if (weights) order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const points = order ? Float64Array.from(order, (i) => values[i]!) : Float64Array.from(values).sort();
  const [w, wx, wxx] = [new Float64Array(n + 1), new Float64Array(n + 1), new Float64Array(n + 1)];
  for (let i = 0; i < n; i++) {
    const weight = order ? weights![order[i]!]! : 1;
    w[i + 1] = w[i]! + weight;
    wx[i + 1] = wx[i]! + weight * points[i]!;
    wxx[i + 1] = wxx[i]! + weight * points[i]! ** 2;
  }
  return { values: points, w, wx, wxx };
}

/** The distinct values where there are at most `most`. */
function distinctOf(values: Float64Array, most: number): Float64Array | undefined {
  const found: number[] = [];
  for (const value of values) {
    if (value === found.at(-1)) continue;
    if (found.length === most) return undefined;
    found.push(value);
  }
  return Float64Array.from(found);
}

/** One round: every centre moves to the mean of the points nearest to it; one without points stays. */
function lloyd({ values, w, wx }: Points, centres: Float64Array): Float64Array {
  let from = 0;
  return centres.map((centre, i) => {
    const to = i + 1 < centres.length ? firstAbove(values, (centre + centres[i + 1]!) / 2) : values.length;
    const weight = w[to]! - w[from]!;
    const mean = weight > 0 ? (wx[to]! - wx[from]!) / weight : centre;
    from = to;
    return mean;
  });
}

/** How many of the sorted values are at most `limit`. */
function firstAbove(values: Float64Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Optimal clusters of the points gathered in bins: row by row, the best place of the last border falls in order, so that
 * divide and conquer finds all of a row in n log n (Wang and Song, "Ckmeans.1d.dp", 2011; Gronlund et al. 2017).
 */
function exactOnHistogram(points: Points, clusters: number): Float64Array {
  const { values } = points;
  const [low, high] = [values[0]!, values.at(-1)!];
  const borders = [0];
  for (let b = 1; b <= bins; b++) {
    const end = b === bins ? values.length : firstAbove(values, low + ((high - low) * b) / bins);
    if (end > borders.at(-1)!) borders.push(end);
  }
  const n = borders.length - 1;
  const at = (sums: Float64Array): Float64Array => Float64Array.from(borders, (i) => sums[i]!);
  const w = at(points.w);
  const wx = at(points.wx);
  const wxx = at(points.wxx);
  // Squared error of the points of bins a..b-1 about their mean.
  const cost = (a: number, b: number): number => {
    const weight = w[b]! - w[a]!;
    if (weight <= 0) return 0;
    const sum = wx[b]! - wx[a]!;
    return Math.max(0, wxx[b]! - wxx[a]! - (sum * sum) / weight);
  };
  const k = Math.min(clusters, n);
  let row = Float64Array.from({ length: n + 1 }, (_, b) => cost(0, b));
  const cuts = [new Uint16Array(n + 1)];
  for (let c = 1; c < k; c++) {
    const next = new Float64Array(n + 1);
    const cut = new Uint16Array(n + 1);
    const solve = (first: number, last: number, least: number, most: number): void => {
      if (first > last) return;
      const middle = (first + last) >> 1;
      let best = Number.POSITIVE_INFINITY;
      for (let a = least; a <= Math.min(most, middle); a++) {
        const sum = row[a]! + cost(a, middle);
        if (sum < best) {
          best = sum;
          cut[middle] = a;
        }
      }
      next[middle] = best;
      solve(first, middle - 1, least, cut[middle]!);
      solve(middle + 1, last, cut[middle]!, most);
    };
    solve(0, n, 0, n);
    row = next;
    cuts.push(cut);
  }
  const centres: number[] = [];
  for (let c = k - 1, b = n; c >= 0; c--) {
    const a = cuts[c]![b]!;
    const weight = w[b]! - w[a]!;
    if (b > a) centres.push(weight > 0 ? (wx[b]! - wx[a]!) / weight : values[borders[a]!]!);
    b = a;
  }
  return Float64Array.from(centres.reverse());
}
