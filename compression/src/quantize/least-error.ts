import { affineOf, roundEven } from './integers.js';

/** An end of the range is tried in steps of 1/96 of its distance from zero, down to a third of it. */
const steps = 96;
const tries = 64;

/**
 * The part of `[low, high]` whose 8-bit rounding has the least squared error over a histogram of equal bins: values outside are
 * clipped, which pays where few lie far out. Ends are moved in turn, each to its best place, until neither moves (at most 4 times).
 */
export function leastErrorRange(
  counts: Float64Array,
  low: number,
  high: number,
): { readonly low: number; readonly high: number } {
  const step = (high - low) / counts.length;
  const filled: number[] = [];
  counts.forEach((count, bin) => {
    if (count > 0) filled.push(bin);
  });
  const centres = Float64Array.from(filled, (bin) => low + (bin + 0.5) * step);
  const weights = Float64Array.from(filled, (bin) => counts[bin]!);
  const errorOf = (from: number, to: number): number => {
    const { scale, zeroPoint } = affineOf(from, to, 'uint8');
    let error = 0;
    for (let i = 0; i < centres.length; i++) {
      const value = centres[i]!;
      const q = Math.min(255, Math.max(0, roundEven(value / scale) + zeroPoint));
      const off = value - (q - zeroPoint) * scale;
      error += weights[i]! * off * off;
    }
    return error;
  };
  const best = { low, high };
  let least = errorOf(low, high);
  for (let round = 0; round < 4; round++) {
    const before = least;
    for (const end of ['high', 'low'] as const) {
      const whole = end === 'high' ? high : low;
      // An end on the far side of zero is zero: the range holds it anyway.
      if (end === 'high' ? whole <= 0 : whole >= 0) continue;
      for (let k = 0; k < tries; k++) {
        const at = whole * (1 - k / steps);
        const error = end === 'high' ? errorOf(best.low, at) : errorOf(at, best.high);
        if (error < least) {
          least = error;
          best[end] = at;
        }
      }
    }
    if (least === before) break;
  }
  return best;
}
