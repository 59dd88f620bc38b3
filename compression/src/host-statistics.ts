import { gramFold } from './gram-fold.js';
import type { Statistic, StatisticRequest } from './host-messages.js';

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
  if (request.kind === 'range') return rangeFold(request.tensor, request.percentile);
  if (request.kind === 'channels') return channelFold(request.tensor);
  return gramFold(request, product);
}

const none: BatchTensor = { data: new Float32Array(0), dims: [0] };

/** 4,096 bins resolve 1/16 of an 8-bit step. */
const bins = 4096;

function rangeFold(tensor: string, percentile?: number): Fold {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const counts = new Float64Array(bins);
  return {
    tensors: [tensor],
    passes: percentile === undefined ? 1 : 2,
    add(pass, [{ data } = none]) {
      if (pass === 0) {
        for (const value of data) {
          if (value < low) low = value;
          if (value > high) high = value;
        }
        return;
      }
      const step = (high - low) / bins;
      if (!(step > 0)) return;
      for (const value of data) {
        const bin = Math.min(bins - 1, Math.floor((value - low) / step));
        counts[bin] = counts[bin]! + 1;
      }
    },
    result() {
      if (low > high) return { kind: 'range', tensor, low: 0, high: 0 };
      if (percentile === undefined) return { kind: 'range', tensor, low, high };
      const total = counts.reduce((sum, c) => sum + c, 0);
      // The tails left out hold (100 - percentile) % together, half on either side.
      const tail = (total * (100 - percentile)) / 200;
      const step = (high - low) / bins;
      let first = 0;
      for (let sum = 0; first < bins - 1 && sum + counts[first]! <= tail; first++) sum += counts[first]!;
      let last = bins - 1;
      for (let sum = 0; last > first && sum + counts[last]! <= tail; last--) sum += counts[last]!;
      // An end that lost nothing stays exact, so that Relu's zero remains zero.
      return {
        kind: 'range',
        tensor,
        low: first === 0 ? low : low + first * step,
        high: last === bins - 1 ? high : low + (last + 1) * step,
      };
    },
  };
}

function channelFold(tensor: string): Fold {
  let count = 0;
  let sum = new Float64Array(0);
  let squares = new Float64Array(0);
  return {
    tensors: [tensor],
    passes: 1,
    add(_pass, [{ data, dims } = none]) {
      const axis = dims.length > 2 ? 1 : dims.length - 1;
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
