import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { affineOf, roundEven } from './integers.js';
import { leastErrorRange } from './least-error.js';

/** Squared error of 8-bit rounding over the bins' middles. */
function errorOf(counts: Float64Array, [low, high]: readonly [number, number], from: number, to: number): number {
  const { scale, zeroPoint } = affineOf(from, to, 'uint8');
  const step = (high - low) / counts.length;
  return counts.reduce((sum, count, bin) => {
    const value = low + (bin + 0.5) * step;
    const q = Math.min(255, Math.max(0, roundEven(value / scale) + zeroPoint));
    return sum + count * (value - (q - zeroPoint) * scale) ** 2;
  }, 0);
}

describe('leastErrorRange', () => {
  it('cuts a long thin tail off and leaves the other end', () => {
    const counts = Float64Array.from({ length: 4096 }, (_, bin) => 1e6 * Math.exp(-bin / 150));
    const seen = leastErrorRange(counts, 0, 10);
    expect(seen.low).toBe(0);
    expect(seen.high).toBeLessThan(6);
    expect(errorOf(counts, [0, 10], 0, seen.high)).toBeLessThan(errorOf(counts, [0, 10], 0, 10) / 2);
  });

  it('keeps a range that is filled evenly', () => {
    expect(leastErrorRange(new Float64Array(4096).fill(1), -1, 1)).toEqual({ low: -1, high: 1 });
  });

  it('is never worse than the whole range, and never outside it', () => {
    const range = fc.tuple(fc.double({ min: -5, max: 4, noNaN: true }), fc.double({ min: 0.1, max: 9, noNaN: true }));
    fc.assert(
      fc.property(range, fc.array(fc.nat(1000), { minLength: 64, maxLength: 64 }), ([low, width], list) => {
        const high = low + width;
        const counts = Float64Array.from(list);
        const seen = leastErrorRange(counts, low, high);
        expect(seen.low).toBeGreaterThanOrEqual(low);
        expect(seen.high).toBeLessThanOrEqual(high);
        expect(errorOf(counts, [low, high], seen.low, seen.high)).toBeLessThanOrEqual(
          errorOf(counts, [low, high], low, high),
        );
      }),
      { numRuns: 30 },
    );
  });
});
