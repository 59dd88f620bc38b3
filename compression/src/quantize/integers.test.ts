import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { affineOf, quantizeWeight, roundEven } from './integers.js';

describe('affineOf', () => {
  it('covers the range and holds zero', () => {
    expect(affineOf(0, 2.55, 'uint8')).toEqual({ scale: Math.fround(0.01), zeroPoint: 0 });
    expect(affineOf(-1, 1.04, 'uint8').zeroPoint).toBe(125);
    expect(affineOf(-1, 3, 'int8').zeroPoint).toBe(-64);
    expect(affineOf(2, 5.1, 'uint8')).toEqual({ scale: Math.fround(0.02), zeroPoint: 0 });
    expect(affineOf(0, 0, 'uint8')).toEqual({ scale: 1, zeroPoint: 0 });
    expect(affineOf(0, 6, 'int8').zeroPoint).toBe(-128);
  });

  it('is off by at most one step anywhere in the range', () => {
    const range = fc.tuple(
      fc.float({ min: -1000, max: 1000, noNaN: true }),
      fc.float({ min: Math.fround(1e-3), max: 1000, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(range, fc.constantFrom('uint8' as const, 'int8' as const), ([low, width, at], type) => {
        const { scale, zeroPoint } = affineOf(low, low + width, type);
        const value = low + width * at;
        const [first, last] = type === 'uint8' ? [0, 255] : [-128, 127];
        const q = Math.min(last, Math.max(first, roundEven(value / scale) + zeroPoint));
        return Math.abs((q - zeroPoint) * scale - value) <= scale * 1.001;
      }),
    );
  });
});

describe('quantizeWeight', () => {
  const data = Float32Array.of(1, -2, 4, 0.5, 0, 0);

  it('gives every channel its own scale', () => {
    const { values, scales } = quantizeWeight(data, [3, 2], { axis: 0 });
    expect([...scales]).toEqual([2 / 127, 4 / 127, 1].map((s) => expect.closeTo(s, 7)));
    expect([...values]).toEqual([64, -127, 127, 16, 0, 0]);
    expect([...quantizeWeight(data, [2, 3], { axis: 1 }).scales]).toHaveLength(3);
  });

  it('takes fewer bits and a smallest scale', () => {
    expect([...quantizeWeight(data, [6], { bits: 7 }).values]).toEqual([16, -31, 63, 8, 0, 0]);
    expect(quantizeWeight(data, [3, 2], { axis: 0, smallest: () => 1 }).scales).toEqual(Float32Array.of(1, 1, 1));
  });

  it('rounds ties to even, as the runtime does', () => {
    expect([0.5, 1.5, -0.5, 2.5, -1.5, 0.4999].map(roundEven)).toEqual([0, 2, 0, 2, -2, 0]);
  });
});
