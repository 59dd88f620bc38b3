import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exponentOf, factorOf, factorPair, quantized } from './requantize.js';

const scale = fc.float({ min: Math.fround(1e-9), max: Math.fround(1e8), noNaN: true });

describe('factors', () => {
  it('are exact for every float32, with a multiplier of 31 bits', () => {
    fc.assert(
      fc.property(scale, (value) => {
        const { multiplier, shift } = factorOf(value)!;
        expect(multiplier / 2 ** shift).toBe(value);
        expect(multiplier >= 2 ** 30 && multiplier < 2 ** 31 && Number.isInteger(multiplier)).toBe(true);
        expect(shift >= 1 && shift <= 62).toBe(true);
      }),
    );
  });

  it('are 0 where every sum becomes 0, and absent where none is held', () => {
    expect(factorOf(2 ** -33)).toEqual({ multiplier: 0, shift: 32 });
    expect(factorOf(2 ** -32)).toEqual({ multiplier: 2 ** 30, shift: 62 });
    expect(factorOf(2 ** 29)).toEqual({ multiplier: 2 ** 30, shift: 1 });
    expect(factorOf(2 ** 30)).toBeUndefined();
  });

  it('of a sum share one shift, the larger one exact', () => {
    const factor = fc.float({ min: Math.fround(1e-3), max: Math.fround(1000), noNaN: true });
    fc.assert(
      fc.property(factor, factor, fc.boolean(), (a, b, subtract) => {
        const pair = factorPair(a, subtract ? -b : b)!;
        const own = a >= b ? pair.a / 2 ** pair.shift : Math.abs(pair.b) / 2 ** pair.shift;
        expect(own).toBe(Math.max(a, b));
        expect(Math.abs(pair.b / 2 ** pair.shift - (subtract ? -b : b))).toBeLessThanOrEqual(2 ** -pair.shift);
        expect(Math.max(Math.abs(pair.a), Math.abs(pair.b))).toBeGreaterThanOrEqual(2 ** 30);
        expect(Math.max(Math.abs(pair.a), Math.abs(pair.b))).toBeLessThan(2 ** 31);
        expect(pair.shift >= 17 && pair.shift <= 46).toBe(true);
      }),
    );
    expect(factorPair(2 ** -30, 2 ** -31)).toEqual({ a: 2 ** 30, b: 0, shift: 46 });
    expect(factorPair(2 ** 14, 1)).toBeUndefined();
  });

  it('have the exponent of their number', () => {
    fc.assert(
      fc.property(scale, (value) => {
        const e = exponentOf(value);
        return 2 ** (e - 1) <= value && value < 2 ** e;
      }),
    );
  });
});

describe('quantized', () => {
  it.each([
    [0.25, -3],
    [0.75, -1],
    [Number.POSITIVE_INFINITY, 127],
    [Number.NEGATIVE_INFINITY, -128],
    [1e9, 127],
    [Number.NaN, -3],
  ])('%d is %d', (value, q) => {
    expect(quantized(value, { scale: 0.5, zero: -3 })).toBe(q);
  });
});
