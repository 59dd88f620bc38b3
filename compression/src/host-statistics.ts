import { gramFold } from './gram-fold.js';
import type { Statistic, StatisticRequest } from './host-messages.js';
import { leastErrorRange } from './quantize/least-error.js';

/** Values of a tensor in one batch; the first axis of `dims` is the item axis. */
export interface BatchTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** Folds one statistic over batches. */
export interface Fold {
  readonly tensors: readonly string[];
  /** How often the data has to go by. */
  readonly passes: number;
  /** Takes one batch of `items`, the first of them item `from`; `values` as named by `tensors`. */
  add(pass: number, values: readonly BatchTensor[], items: number, from: number): void | Promise<void>;
  result(): Statistic | Promise<Statistic>;
}

/** A^T B for row-major A (rows x n) and B (rows x m): n x m. */
export type TransposedProduct = (a: Float32Array, b: Float32Array, rows: number) => Promise<Float32Array>;

export function createFold(request: StatisticRequest, product: TransposedProduct): Fold {
  if (request.kind === 'range')
    return request.extremes ? extremesFold(request.tensor, request.extremes) : rangeFold(request);
  if (request.kind === 'channels') return channelFold(request.tensor, request.axis);
  return gramFold(request, product);
}

const none: BatchTensor = { data: new Float32Array(0), dims: [0] };

/** The range from what the runtime itself found in each run. */
function extremesFold(tensor: string, extremes: readonly [low: string, high: string]): Fold {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  return {
    tensors: extremes,
    passes: 1,
    add(_pass, [lows = none, highs = none]) {
      // Math.min and Math.max keep a NaN: whoever quantizes by this range must see it.
      low = Math.min(low, lows.data[0]!);
      high = Math.max(high, highs.data[0]!);
    },
    result: () => rangeOf(tensor, low, high),
  };
}

const rangeOf = (tensor: string, low: number, high: number): Statistic =>
  low > high ? { kind: 'range', tensor, low: 0, high: 0 } : { kind: 'range', tensor, low, high };

/** 4,096 bins resolve 1/16 of an 8-bit step. */
const bins = 4096;

function rangeFold({ tensor, percentile, leastError }: Extract<StatisticRequest, { kind: 'range' }>): Fold {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let broken = false;
  const counts = new Float64Array(bins);
  return {
    tensors: [tensor],
    // A histogram needs the range first.
    passes: percentile === undefined && !leastError ? 1 : 2,
    add(pass, [{ data } = none]) {
      if (pass === 0) {
        for (let i = 0; i < data.length; i++) {
          const value = data[i]!;
          if (value < low) low = value;
          if (value > high) high = value;
          if (Number.isNaN(value)) broken = true;
        }
        return;
      }
      const step = (high - low) / bins;
      if (!(step > 0 && step < Number.POSITIVE_INFINITY)) return;
      for (let i = 0; i < data.length; i++) {
        const bin = Math.min(bins - 1, Math.floor((data[i]! - low) / step));
        counts[bin] = counts[bin]! + 1;
      }
    },
    result() {
      if (broken) return rangeOf(tensor, Number.NaN, Number.NaN);
      if (!(low < high) || !Number.isFinite(high - low)) return rangeOf(tensor, low, high);
      if (leastError) return { kind: 'range', tensor, ...leastErrorRange(counts, low, high) };
      return percentile === undefined
        ? rangeOf(tensor, low, high)
        : { kind: 'range', tensor, ...innerRange(counts, low, high, percentile) };
    },
  };
}

/** The range without its tails, which together hold (100 - percentile) % of the values, half on either side. */
function innerRange(
  counts: Float64Array,
  low: number,
  high: number,
  percentile: number,
): { readonly low: number; readonly high: number } {
  const total = counts.reduce((sum, c) => sum + c, 0);
  const tail = (total * (100 - percentile)) / 200;
  const step = (high - low) / bins;
  let first = 0;
  for (let sum = 0; first < bins - 1 && sum + counts[first]! <= tail; first++) sum += counts[first]!;
  let last = bins - 1;
  for (let sum = 0; last > first && sum + counts[last]! <= tail; last--) sum += counts[last]!;
  // An end that lost nothing stays exact, so that Relu's zero remains zero.
  return {
    low: first === 0 ? low : low + first * step,
    high: last === bins - 1 ? high : low + (last + 1) * step,
  };
}

function channelFold(tensor: string, wanted?: 'last'): Fold {
  let count = 0;
  let sum = new Float64Array(0);
  let squares = new Float64Array(0);
  return {
    tensors: [tensor],
    passes: 1,
    add(_pass, [{ data, dims } = none]) {
      const axis = dims.length > 2 && wanted !== 'last' ? 1 : dims.length - 1;
      const channels = dims[axis] ?? 1;
      const inner = dims.slice(axis + 1).reduce((p, d) => p * d, 1);
      const outer = data.length / (channels * inner);
      if (sum.length === 0) {
        sum = new Float64Array(channels);
        squares = new Float64Array(channels);
      }
      for (let o = 0, at = 0; o < outer; o++) {
        for (let c = 0; c < channels; c++) {
          let s = 0;
          let q = 0;
          for (const end = at + inner; at < end; at++) {
            const value = data[at]!;
            s += value;
            q += value * value;
          }
          sum[c] = sum[c]! + s;
          squares[c] = squares[c]! + q;
        }
      }
      count += outer * inner;
    },
    result() {
      const mean = Float32Array.from(sum, (s) => s / Math.max(1, count));
      const deviation = Float32Array.from(squares, (q, c) =>
        Math.sqrt(Math.max(0, q / Math.max(1, count) - mean[c]! ** 2)),
      );
      return { kind: 'channels', tensor, mean, deviation };
    },
  };
}
