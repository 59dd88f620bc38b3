import type { Layer } from '../layers.js';
import { biasFor, type ColumnFactor, factorColumns, type InputMoments, sweepColumns } from '../second-order.js';
import { type Codebook, indexOf } from './codebook.js';

export interface FeedbackOptions {
  readonly book: Codebook;
  /** One for each output. */
  readonly scales: Float64Array;
  /** Weights that are zero stay zero. */
  readonly keepZeros: boolean;
  readonly bitPrice: number;
}

export interface ClusteredLayer {
  /** Outputs x columns; every value is one of the codebook times its output's scale. */
  readonly weight: Float64Array;
  readonly bias: Float64Array;
}

/**
 * Clusters a layer column by column, each weight taking up the errors made before it (GPTQ with a codebook), so that the error of the
 * outputs is small and not that of the weights.
 */
export function clusterWithFeedback(layer: Layer, moments: InputMoments, options: FeedbackOptions): ClusteredLayer {
  const { outputs, columns } = layer;
  const { book, scales, keepZeros } = options;
  const { groups, covariance } = moments;
  const perGroup = outputs / groups;
  const factors = Array.from({ length: groups }, (_, g) =>
    factorColumns(covariance.subarray(g * columns ** 2, (g + 1) * columns ** 2), columns),
  );
  const price = options.bitPrice * book.power * meanCost(factors, scales);
  const weight = new Float64Array(outputs * columns);
  for (const [g, factor] of factors.entries()) {
    const first = g * perGroup;
    const given = layer.weight.subarray(first * columns, (first + perGroup) * columns);
    const made = sweepColumns(given, factor, (column, values, cost) =>
      values.map((value, i) => {
        if (keepZeros && given[i * columns + column] === 0) return 0;
        const scale = scales[first + i]!;
        const k = indexOf(book, value / scale, price === 0 ? 0 : price / Math.max(cost * scale * scale, 1e-30));
        return book.values[k]! * scale;
      }),
    );
    weight.set(made, first * columns);
  }
  return { weight, bias: biasFor(layer, moments, weight) };
}

/** What a squared error of one scale costs on average. */
function meanCost(factors: readonly ColumnFactor[], scales: Float64Array): number {
  const perGroup = scales.length / factors.length;
  let sum = 0;
  factors.forEach(({ columns, rows }, g) => {
    let costs = 0;
    for (let k = 0; k < columns; k++) costs += rows[k * columns + k]! ** 2;
    for (let o = g * perGroup; o < (g + 1) * perGroup; o++) sum += (costs / columns) * scales[o]! ** 2;
  });
  return sum / scales.length;
}
