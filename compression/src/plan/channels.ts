import { upToPack } from '@hilltop/contracts';
import type { Affine, Operand } from './draft.js';
import { constantOperand } from './draft.js';
import type { Lowering } from './lowering.js';
import { factorOf } from './requantize.js';

/** A layer's weights as int8 with one scale for each output, its bias in steps of input scale x weight scale. */
export interface LayerWeights {
  /** For output o its values in the order the kernel reads its inputs, `rowLength` each. */
  readonly rows: Int8Array;
  readonly rowLength: number;
  readonly scales: Float32Array;
  readonly bias?: Float64Array;
}

/** Products of input scale and weight scale, in float32 as runtimes compute them. */
export const stepsOf = (scales: Float32Array, input: Affine): Float32Array => scales.map((s) => s * input.scale);

/** Weights of a row: what the sum of a row's weights has room for in a record. */
const longestRow = 0xffff;

/**
 * What each output adds and is multiplied with: records of bias, multiplier, and the shift with the sum of the weights above it. The input's
 * zero point is folded into the bias: sum (x - zero) w = sum x w - zero sum w. Without `output` the result is float and the multiplier
 * holds the bits of its scale. `sums`: whether the kernel wants the sums.
 */
export function channelsOperand(
  l: Lowering,
  { rows, rowLength, scales, bias }: LayerWeights,
  { input, output, sums }: { input: Affine; output: Affine | undefined; sums: boolean },
): Operand {
  if (rowLength > longestRow) return l.refuse(`each output sums ${rowLength} products, kernels at most ${longestRow}`);
  const records = new Int32Array(scales.length * 3);
  const bits = new Float32Array(1);
  for (const [o, step] of stepsOf(scales, input).entries()) {
    let sum = 0;
    for (let i = o * rowLength; i < (o + 1) * rowLength; i++) sum += rows[i]!;
    const folded = (bias?.[o] ?? 0) - input.zero * sum;
    if (Math.abs(folded) >= 2 ** 31)
      return l.refuse(`the bias of output ${o} does not fit 32 bits in steps of ${step}`);
    bits[0] = step;
    const factor = output
      ? factorOf(Math.fround(step / output.scale))
      : { multiplier: new Int32Array(bits.buffer)[0]!, shift: 0 };
    if (!factor) return l.refuse(`the scale of output ${o} is too large against that of the result`);
    records.set([folded, factor.multiplier, (sums ? sum * 256 : 0) + factor.shift], o * 3);
  }
  return constantOperand('channels', records, [scales.length, 3]);
}

/**
 * Weights as plan.h packs them: rows and their number are filled up to fours with zeros, in each group, and the words of every four rows
 * interleaved.
 */
export function packedWeights({ rows, rowLength, scales }: LayerWeights, groups: number): Operand {
  const perGroup = scales.length / groups;
  const [paddedRows, k4] = [upToPack(perGroup), upToPack(rowLength)];
  const packed = new Int8Array(groups * paddedRows * k4);
  let at = 0;
  for (let group = 0; group < groups; group++)
    for (let four = 0; four < paddedRows; four += 4)
      for (let k = 0; k < k4; k += 4)
        for (let row = four; row < four + 4; row++, at += 4) {
          if (row >= perGroup) continue;
          const start = (group * perGroup + row) * rowLength + k;
          packed.set(rows.subarray(start, start + Math.min(4, rowLength - k)), at);
        }
  return constantOperand('weights', packed, [groups, paddedRows, k4]);
}
