import { roundEven } from '../quantize/integers.js';

/** A real factor as a kernel takes it: multiplier / 2^shift, multiplier in [2^30, 2^31) or 0. */
export interface Factor {
  readonly multiplier: number;
  readonly shift: number;
}

/** Shifts of one factor: sums of 32 bits times the multiplier are below 2^62. */
const [leastShift, mostShift] = [1, 62];
/** Shifts of the two factors of a sum. */
const pairShifts = [17, 46] as const;

/** Exponent e with |value| = m x 2^e, m in [1/2, 1). */
export function exponentOf(value: number): number {
  let e = Math.ceil(Math.log2(Math.abs(value)));
  // The logarithm is rounded.
  while (Math.abs(value) >= 2 ** e) e++;
  while (Math.abs(value) < 2 ** (e - 1)) e--;
  return e;
}

/**
 * The factor of a positive float32. It is exact, since 24 bits of a float32 fit the multiplier; one so small that every 32-bit sum
 * becomes 0 is 0. Undefined from 2^30 up.
 */
export function factorOf(value: number): Factor | undefined {
  const shift = 31 - exponentOf(value);
  if (shift > mostShift) return { multiplier: 0, shift: 32 };
  return shift < leastShift ? undefined : { multiplier: value * 2 ** shift, shift };
}

/** Two factors of any sign with one shift, the larger one exact; undefined where one is 2^14 or more. */
export function factorPair(a: number, b: number): { a: number; b: number; shift: number } | undefined {
  const [least, most] = pairShifts;
  const shift = 31 - exponentOf(Math.max(Math.abs(a), Math.abs(b)));
  if (shift < least) return undefined;
  // Both so small that differences of int8 become 0: one that rounds to 0 stands for them.
  if (shift > most) return { a: 2 ** 30, b: 0, shift: most };
  return { a: roundEven(a * 2 ** shift), b: roundEven(b * 2 ** shift), shift };
}

/** clamp(roundHalfEven(value / scale) + zero) with the quotient in float32, as QuantizeLinear computes it; infinities give the ends. */
export function quantized(value: number, { scale, zero }: { readonly scale: number; readonly zero: number }): number {
  const steps = Math.fround(Math.fround(value) / scale);
  if (Number.isNaN(steps)) return zero;
  if (!Number.isFinite(steps)) return steps > 0 ? 127 : -128;
  return Math.min(127, Math.max(-128, roundEven(steps) + zero));
}
