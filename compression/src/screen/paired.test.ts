import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { comparePairs, countPairs, mcNemar, type PairedCounts, pairedDifference } from './paired.js';

/** Newcombe's table: e both, f only the first, g only the second, h neither; his difference is the first's minus the second's. */
const table = (e: number, f: number, g: number, h: number): PairedCounts => ({
  both: e,
  onlyVariant: f,
  onlyModel: g,
  neither: h,
});
const count = fc.integer({ min: 0, max: 400 });
const tables = fc
  .tuple(count, count, count, count)
  .filter((four) => four.some((n) => n > 0))
  .map((four) => table(...four));

describe('McNemar', () => {
  it('[SCREEN-2] is the exact binomial of the discordant pairs', () => {
    // By hand: 2 (1 + 8) / 2^8 (Bentur 2009 as in Fagerland et al. 2013: 0.070), 2 / 2^5, 2 (1 + 12 + 66) / 2^12.
    expect(mcNemar(1, 7)).toBeCloseTo(18 / 256, 12);
    expect(mcNemar(0, 5)).toBeCloseTo(2 / 32, 12);
    expect(mcNemar(10, 2)).toBeCloseTo(158 / 4096, 12);
    expect([mcNemar(0, 0), mcNemar(0, 1), mcNemar(3, 3)]).toEqual([1, 1, 1]);
  });

  it('[SCREEN-2] does not care who is called the model, and falls as the pairs lean', () => {
    fc.assert(
      fc.property(count, count, (a, b) => {
        expect(mcNemar(a, b)).toBe(mcNemar(b, a));
        expect(mcNemar(a, b)).toBeGreaterThanOrEqual(0);
        expect(mcNemar(a, b)).toBeLessThanOrEqual(1);
        if (a >= b) expect(mcNemar(a + 1, b)).toBeLessThanOrEqual(mcNemar(a, b) + 1e-12);
      }),
    );
  });
});

describe('difference of paired shares', () => {
  it("[SCREEN-2] is Newcombe's method 10: table III of 1998", () => {
    const golden: [PairedCounts, number, number, number][] = [
      [table(36, 12, 2, 0), 0.2, 0.0569, 0.3404],
      [table(18, 12, 2, 18), 0.2, 0.0562, 0.329],
      [table(53, 0, 0, 1), 0, -0.0729, 0.0729],
    ];
    for (const [counts, value, low, high] of golden) {
      expect(pairedDifference(counts)).toEqual({
        value: expect.closeTo(value, 12),
        low: expect.closeTo(low, 4),
        high: expect.closeTo(high, 4),
      });
    }
  });

  it('[SCREEN-2] holds its value, stays in -1..1, turns its sign with the roles, narrows with the items', () => {
    fc.assert(
      fc.property(tables, (counts) => {
        const { value, low, high } = pairedDifference(counts);
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
        expect(low).toBeGreaterThanOrEqual(-1);
        expect(high).toBeLessThanOrEqual(1);
        const turned = pairedDifference({ ...counts, onlyModel: counts.onlyVariant, onlyVariant: counts.onlyModel });
        expect([turned.value, turned.low, turned.high].map((v) => -v)).toEqual([
          expect.closeTo(value, 12),
          expect.closeTo(high, 12),
          expect.closeTo(low, 12),
        ]);
        const more = Object.fromEntries(
          Object.entries(counts).map(([k, n]) => [k, n * 100]),
        ) as unknown as PairedCounts;
        const narrow = pairedDifference(more);
        expect(narrow.high - narrow.low).toBeLessThan(high - low);
      }),
    );
  });
});

describe('pairs', () => {
  it('[SCREEN-2] are counted item by item', () => {
    const labels = [0, 1, 2, 3, 4];
    expect(comparePairs(countPairs([0, 1, 9, 9, 4], [0, 9, 2, 9, 4], labels))).toMatchObject({
      both: 2,
      onlyModel: 1,
      onlyVariant: 1,
      neither: 1,
      pValue: 1,
      difference: { value: 0 },
    });
    expect(() => countPairs([0], [0, 1], [0, 1])).toThrow(expect.objectContaining({ code: 'data.shape-mismatch' }));
  });
});
