import type { Layer } from '../layers.js';
import { windowOf } from '../prune/window.js';
import { dimsOf } from '../tensor.js';
import { svd } from './svd.js';

/**
 * Which index of a weight goes with which of the two thin layers: `outputs`: the whole window to r channels, then 1x1 to the
 * outputs (for a matrix product the only one); `inputs`: 1x1 to r channels, then the whole window; `kernel`: a column of the
 * window to r channels, then a row of it.
 */
export type SplitForm = 'outputs' | 'inputs' | 'kernel';

/** Weights of two thin layers. */
export interface Thin {
  readonly form: SplitForm;
  readonly rank: number;
  /** `rank` rows: of the window (`outputs`), of the channels (`inputs`), of channels x kernel rows (`kernel`). */
  readonly first: Float64Array;
  /** One row for each output: of r (`outputs`), of r x window (`inputs`), of r x kernel columns (`kernel`). */
  readonly second: Float64Array;
  /** Where it is not that of the layer. */
  readonly bias?: Float64Array;
}

/** One way of splitting a layer in two, for any rank. */
export interface Split {
  readonly form: SplitForm;
  readonly parametersPerRank: number;
  /** Multiply-accumulates for each position of the output. */
  readonly macsPerRank: number;
  /** What each part carries, falling: squared singular values, or variance of the outputs. Decomposes: takes time. */
  energies(): Float64Array;
  /** The layers at a rank of at most as many parts as there are. Decomposes again, so that nothing large is kept meanwhile. */
  thin(rank: number): Thin;
}

/** Smaller side of the largest matrix that is decomposed: about half a minute. */
const largestSide = 768;

/** First and second moments of a layer's outputs on calibration data. */
export interface OutputMoments {
  readonly mean: Float64Array;
  /** Mean product of two outputs, `outputs` x `outputs`; not centred. */
  readonly products: Float64Array;
}

/** The ways of splitting a layer, each best in the squared error of its weights; without those whose matrix is too large. */
export function splitsOf(layer: Layer): Split[] {
  const { node, outputs, columns, weight } = layer;
  const splits = [
    ...splitOf(
      { rows: outputs, columns, values: () => weight },
      { form: 'outputs', parametersPerRank: outputs + columns, macsPerRank: outputs + columns },
      (left, right, rank) => ({ first: right, second: transposed(left, rank, outputs) }),
    ),
  ];
  const dims = dimsOf(layer.tensor);
  const [kh = 1, kw = 1] = dims.slice(2);
  // Three-dimensional kernels are rare enough to be split by their outputs alone.
  const window = node.opType === 'Conv' && dims.length <= 4 ? windowOf(node, dims, []) : undefined;
  if (!window || kh * kw === 1) return splits;
  const channels = dims[1]!;
  const size = kh * kw;
  // [output][channel][kernel] as [channel][output, kernel].
  const byInput = (): Float64Array =>
    Float64Array.from({ length: weight.length }, (_, k) => {
      const c = Math.floor(k / (outputs * size));
      const o = Math.floor(k / size) % outputs;
      return weight[o * columns + c * size + (k % size)]!;
    });
  const [down, across] = window.strides;
  splits.push(
    ...splitOf(
      { rows: channels, columns: outputs * size, values: byInput },
      {
        form: 'inputs',
        parametersPerRank: channels + outputs * size,
        // The first layer works at every position of the input.
        macsPerRank: channels * down * across + outputs * size,
      },
      (left, right, rank) => ({ first: left, second: swapped(right, rank, outputs, size) }),
    ),
  );
  if (kh === 1 || kw === 1) return splits;
  // [output][channel][row][column] as [channel, row][output, column].
  const byKernel = (): Float64Array =>
    Float64Array.from({ length: weight.length }, (_, k) => {
      const row = Math.floor(k / (outputs * kw));
      const [o, j] = [Math.floor(k / kw) % outputs, k % kw];
      return weight[o * columns + row * kw + j]!;
    });
  splits.push(
    ...splitOf(
      { rows: channels * kh, columns: outputs * kw, values: byKernel },
      {
        form: 'kernel',
        parametersPerRank: channels * kh + outputs * kw,
        macsPerRank: channels * kh * across + outputs * kw,
      },
      (left, right, rank) => ({ first: left, second: swapped(right, rank, outputs, kw) }),
    ),
  );
  return splits;
}

/**
 * The split by outputs that is best in the squared error of the outputs seen: they are projected on their principal directions, so
 * that no covariance of the inputs has to be inverted. With a bias the mean is kept exactly. Empty where there are too many outputs.
 */
export function outputSplits(layer: Layer, { mean, products }: OutputMoments): Split[] {
  const { outputs, columns, weight, bias, hasBias } = layer;
  if (outputs > largestSide) return [];
  const centre = hasBias ? mean : new Float64Array(outputs);
  const covariance = products.map((p, k) => p - centre[Math.floor(k / outputs)]! * centre[k % outputs]!);
  return [
    {
      form: 'outputs',
      parametersPerRank: outputs + columns,
      macsPerRank: outputs + columns,
      energies: () => svd(covariance, outputs, outputs).values,
      thin(wanted) {
        const { rank: full, values, left } = svd(covariance, outputs, outputs);
        const rank = Math.min(wanted, full);
        // The hidden channels get a variance of one, so that 8 bits shared by all of them do for each.
        const deviations = values.map(Math.sqrt);
        const directions = left.subarray(0, rank * outputs);
        const first = product(directions, rank, outputs, weight, columns).map(
          (v, k) => v / deviations[Math.floor(k / columns)]!,
        );
        const basis = transposed(directions, rank, outputs);
        const second = basis.map((v, k) => v * deviations[k % rank]!);
        if (!hasBias) return { form: 'outputs', rank, first, second };
        // What the projection takes from the mean of the outputs, the bias gives back.
        const moved = Float64Array.from(mean, (m, o) => m - bias[o]!);
        const kept = product(basis, outputs, rank, product(directions, rank, outputs, moved, 1), 1);
        return { form: 'outputs', rank, first, second, bias: mean.map((m, o) => m - kept[o]!) };
      },
    },
  ];
}

interface Matrix {
  readonly rows: number;
  readonly columns: number;
  values(): Float64Array;
}

/**
 * Splits a matrix; `arrange` gets `rank` rows of left and of right vectors, with the singular values in the one that goes last. Empty
 * where the matrix is too large.
 */
function splitOf(
  { rows, columns, values: matrix }: Matrix,
  costs: Pick<Split, 'form' | 'parametersPerRank' | 'macsPerRank'>,
  arrange: (left: Float64Array, right: Float64Array, rank: number) => Pick<Thin, 'first' | 'second'>,
): Split[] {
  if (Math.min(rows, columns) > largestSide) return [];
  return [
    {
      ...costs,
      energies: () => svd(matrix(), rows, columns).values.map((s) => s * s),
      thin(wanted) {
        const { rank: full, values, left, right } = svd(matrix(), rows, columns);
        const rank = Math.min(wanted, full);
        const scaled = (vectors: Float64Array, length: number): Float64Array =>
          vectors.map((v, k) => v * values[Math.floor(k / length)]!);
        const [l, r] = [left.subarray(0, rank * rows), right.subarray(0, rank * columns)];
        // Rows of the layer that comes first keep length one: its outputs then differ little in size.
        const parts =
          costs.form === 'outputs' ? arrange(scaled(l, rows), r, rank) : arrange(l, scaled(r, columns), rank);
        return { form: costs.form, rank, ...parts };
      },
    },
  ];
}

/** [rank][outputs][inner] as [outputs][rank][inner]. */
function swapped(data: Float64Array, rank: number, outputs: number, inner: number): Float64Array {
  const result = new Float64Array(data.length);
  for (let r = 0; r < rank; r++)
    for (let o = 0; o < outputs; o++)
      result.set(data.subarray((r * outputs + o) * inner, (r * outputs + o + 1) * inner), (o * rank + r) * inner);
  return result;
}

const transposed = (data: Float64Array, rows: number, columns: number): Float64Array => swapped(data, rows, columns, 1);

/** A B for A of `rows` x `inner` and B of `inner` x `columns`. */
function product(a: Float64Array, rows: number, inner: number, b: Float64Array, columns: number): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++) {
      const factor = a[i * inner + k]!;
      for (let j = 0; j < columns; j++)
        result[i * columns + j] = result[i * columns + j]! + factor * b[k * columns + j]!;
    }
  return result;
}
