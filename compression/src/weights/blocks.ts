import { fromFloat16, toFloat16 } from '../float16.js';

/** Bits of a stored weight; a value q stands for (q - 2^(bits-1)) x scale. */
export type Bits = 4 | 8;

/** The scale of each block of `blockSize` values; the last may be shorter. 4-bit scales are numbers that float16 holds. */
export function blockScales(data: Float32Array, blockSize: number, bits: Bits): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: Math.ceil(data.length / blockSize) }, (_, block) => {
    const part = data.subarray(block * blockSize, (block + 1) * blockSize);
    return bits === 4 ? bestScale(part) : -peakOf(part) / 128 || 1;
  });
}

/** A value in steps as the nearest of 0..2^bits-1. No calls in it: it is the innermost loop. */
export function stepOf(steps: number, bits: Bits): number {
  const count = bits === 4 ? 16 : 256;
  const shifted = steps + (count >> 1) + 0.5;
  if (shifted < 0) return 0;
  return shifted >= count ? count - 1 : shifted | 0;
}

/** Writes the values of blocks as integers from 0. */
export function writeSteps(
  data: Float32Array,
  scales: Float32Array,
  blockSize: number,
  bits: Bits,
  into: Uint8Array,
): void {
  for (let start = 0, block = 0; start < data.length; start += blockSize, block++) {
    const scale = scales[block]!;
    const end = Math.min(data.length, start + blockSize);
    for (let i = start; i < end; i++) into[i] = stepOf(data[i]! / scale, bits);
  }
}

/** The value farthest from zero, with its sign. */
const peakOf = (part: Float32Array): number => part.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);

/** The 4-bit scale with the least squared error: the peak on either end of the range, or clipped by up to a third. */
function bestScale(part: Float32Array): number {
  const peak = peakOf(part);
  if (peak === 0) return 1;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  // A negative scale turns the range round, so that the largest value falls on -8, which has no positive partner.
  for (const sign of [1, -1]) {
    for (let k = 0; k < 24; k++) {
      const scale = fromFloat16(toFloat16((-sign * peak * (1 - k / 60)) / 8));
      if (scale === 0) continue;
      let error = 0;
      for (const v of part) {
        const off = v - (stepOf(v / scale, 4) - 8) * scale;
        error += off * off;
      }
      if (error < least) {
        least = error;
        best = scale;
      }
    }
  }
  return best || 1;
}
