import type { Layer } from '../layers.js';
import type { InputMoments } from '../second-order.js';
import { sweepLayer } from '../second-order.js';
import { type Bits, stepOf } from './blocks.js';

/** Where the value of output `o` and column `i` of a layer lies in the order that is cut into blocks. */
export type Place = (output: number, column: number) => number;

/**
 * Rounds a layer to the grid of its blocks, column after column, where later columns make up for the error of earlier ones on what the
 * layer is multiplied with (GPTQ: Frantar et al. 2023). The scales stay. Returns weights on the grid and the bias that keeps the
 * mean of each output.
 */
export function roundWithFeedback(
  layer: Layer,
  moments: InputMoments,
  { scales, blockSize, bits, place }: { scales: Float32Array; blockSize: number; bits: Bits; place: Place },
): { weight: Float64Array; bias: Float64Array } {
  const zero = 2 ** (bits - 1);
  return sweepLayer(layer, moments, (column, values, _cost, first) =>
    values.map((value, o) => {
      const scale = scales[Math.floor(place(first + o, column) / blockSize)]!;
      return (stepOf(value / scale, bits) - zero) * scale;
    }),
  );
}
