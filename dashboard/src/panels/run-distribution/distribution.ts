import { type MetricId, type MetricValues, quantileOfSorted } from '@hilltop/contracts';

export interface DistributionBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Of all inferences. */
  readonly share: number;
  /** Share that took no longer than `to`. */
  readonly upTo: number;
}

export interface DistributionMark {
  readonly name: 'p50' | 'p90' | 'p99';
  readonly metric: MetricId;
  readonly p: number;
  /** As the lab summarised it. */
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

/** How the latencies of a run are spread, ms. */
export interface Distribution {
  readonly count: number;
  /** What the picture shows; slower inferences are counted in `beyond`, and marks may lie there. */
  readonly from: number;
  readonly to: number;
  readonly bins: readonly DistributionBin[];
  /** Corners of the cumulative share, ascending; at most `mostCorners`. */
  readonly cumulative: readonly { readonly x: number; readonly share: number }[];
  readonly marks: readonly DistributionMark[];
  readonly beyond?: { readonly count: number; readonly most: number };
}

const markRows = [
  ['p50', 'latency_p50_ms', 0.5],
  ['p90', 'latency_p90_ms', 0.9],
  ['p99', 'latency_p99_ms', 0.99],
] as const;

/** More bins than these are noise, fewer a block. */
const fewestBins = 12;
const mostBins = 60;
const mostCorners = 400;
/** The picture has the bulk, and of the tail and the intervals what leaves this share of it to the bulk. */
const bulkP = 0.95;
const bulkShare = 0.5;
const roomShare = 0.05;

/**
 * Histogram and cumulative share of latencies, with the run's own quantiles and their intervals as marks. Everything is
 * decided by the data (bins by Freedman and Diaconis), so the same run always looks the same. Undefined without a latency.
 */
export function distributionOf(latencies: readonly (number | null)[], metrics: MetricValues): Distribution | undefined {
  const sorted = Float64Array.from(latencies.filter((v): v is number => v !== null && Number.isFinite(v))).sort();
  const count = sorted.length;
  if (count === 0) return undefined;
  const marks = markRows.flatMap(([name, metric, p]): DistributionMark[] => {
    const value = metrics[metric];
    if (!value) return [];
    const { low, high } = value;
    return [{ name, metric, p, value: value.value, ...(low !== undefined && high !== undefined && { low, high }) }];
  });
  const most = sorted[count - 1]!;
  const middle = marks.find(({ name }) => name === 'p50');
  const least = Math.min(sorted[0]!, middle?.low ?? middle?.value ?? sorted[0]!);
  const to = pictureEnd(sorted, least, marks);
  const { from, width, bins: wanted } = layout(sorted, least, to);
  const end = from + width * wanted;
  const inside = below(sorted, end, true);
  let before = 0;
  const bins = Array.from({ length: wanted }, (_, i): DistributionBin => {
    const binTo = i === wanted - 1 ? end : from + width * (i + 1);
    const until = i === wanted - 1 ? inside : below(sorted, binTo, false);
    const bin = { from: from + width * i, to: binTo, count: until - before, share: (until - before) / count };
    before = until;
    return { ...bin, upTo: until / count };
  });
  const step = Math.max(1, Math.ceil(inside / mostCorners));
  const cumulative = Array.from({ length: Math.ceil(inside / step) }, (_, i) => {
    const at = Math.min(inside, (i + 1) * step);
    return { x: sorted[at - 1]!, share: at / count };
  });
  return {
    count,
    from,
    to: end,
    bins,
    cumulative,
    marks,
    ...(inside < count && { beyond: { count: count - inside, most } }),
  };
}

/** A few very long inferences would flatten all others: they, and the quantiles among them, lie beyond the picture. */
function pictureEnd(sorted: Float64Array, least: number, marks: readonly DistributionMark[]): number {
  const bulk = quantileOfSorted(sorted, bulkP);
  const most = sorted[sorted.length - 1]!;
  const ends = [most, ...marks.flatMap(({ value, high }) => [value, high ?? value])];
  const median = marks.find(({ name }) => name === 'p50');
  const first = Math.max(bulk, median?.high ?? median?.value ?? bulk);
  const furthest = least + (first - least) / bulkShare;
  const inside = below(sorted, furthest, true);
  const end = Math.max(first, sorted[inside - 1]!, ...ends.filter((v) => v <= furthest));
  // Where all of it is shown it ends with the last value.
  return end === Math.max(...ends) ? end : end + (end - least) * roomShare;
}

function layout(sorted: Float64Array, least: number, to: number): { from: number; width: number; bins: number } {
  const span = to - least;
  // All equal, as on an emulated board: one bin around the value.
  if (!(span > Math.abs(to) * 1e-9)) {
    const half = Math.abs(to) * 0.01 || 0.5;
    return { from: to - half, width: 2 * half, bins: 1 };
  }
  const spread = quantileOfSorted(sorted, 0.75) - quantileOfSorted(sorted, 0.25);
  const ideal = (2 * spread) / Math.cbrt(sorted.length);
  const bins = Math.min(mostBins, Math.max(fewestBins, ideal > 0 ? Math.ceil(span / ideal) : mostBins));
  return { from: least, width: span / bins, bins };
}

/** How many of the sorted values lie below `limit`; with `inclusive`, or at it. */
function below(sorted: Float64Array, limit: number, inclusive: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = sorted[middle]!;
    if (value < limit || (inclusive && value <= limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}
