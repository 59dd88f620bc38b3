import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomFloats } from '../testing/models.js';
import { fitCodebook, indexOf } from './codebook.js';

const ones = (n: number): Float64Array => new Float64Array(n).fill(1);

describe('indexOf', () => {
  it('finds the cheapest value', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 20 }),
        fc.array(fc.double({ min: 0, max: 12, noNaN: true }), { minLength: 20, maxLength: 20 }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.constantFrom(0, 0.01, 0.3),
        (values, bits, value, price) => {
          const book = { values: Float64Array.from(values).sort(), bits: Float64Array.from(bits) };
          const cost = (k: number): number => (value - book.values[k]!) ** 2 + price * book.bits[k]!;
          const least = Math.min(...[...book.values.keys()].map(cost));
          expect(cost(indexOf(book, value, price))).toBeCloseTo(least, 12);
        },
      ),
    );
  });
});

describe('fitCodebook', () => {
  const values = Float64Array.from(randomFloats(800, 3), (v) => v ** 3);

  it('has rising float32 values, no more than asked for, zero among them where it must be', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 64 }),
        fc.boolean(),
        fc.constantFrom(0, 0.02, 1),
        (clusters, zero, bitPrice) => {
          const data = values.map((v, i) => (zero && i % 3 === 0 ? 0 : v));
          const book = fitCodebook(data, ones(data.length), { clusters, zero, bitPrice });
          expect(book.values.length).toBeLessThanOrEqual(clusters);
          expect(book.bits.length).toBe(book.values.length);
          expect([...book.values]).toEqual([...new Set(book.values)].sort((a, b) => a - b));
          expect(book.values.every((v) => Math.fround(v) === v)).toBe(true);
          if (zero) expect(book.values.includes(0)).toBe(true);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('gives bits that are those of an ideal coder', () => {
    const book = fitCodebook(values, ones(values.length), { clusters: 8, zero: false, bitPrice: 0 });
    expect(book.bits.reduce((sum, b) => sum + 2 ** -b, 0)).toBeCloseTo(1, 9);
  });

  it('does with fewer bits the more they cost', () => {
    const bitsAt = (bitPrice: number): number => {
      const book = fitCodebook(values, ones(values.length), { clusters: 32, zero: false, bitPrice });
      return book.bits.reduce((sum, b) => sum + b * 2 ** -b, 0);
    };
    expect(bitsAt(0.02)).toBeLessThan(bitsAt(0) - 1);
    expect(bitsAt(1)).toBeLessThan(bitsAt(0.02));
  });
});
