import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomFloats } from '../testing/models.js';
import { chooseZeros, patternCount, shareZeros } from './choose.js';

const scoresOf = (count: number, seed: number) => Float64Array.from(randomFloats(count, seed), Math.abs);
const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

describe('chooseZeros', () => {
  it('chooses exactly as many as asked for, and none that scores more than one that stays', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const count = Math.round(share * values.length);
          const scores = Float64Array.from(values);
          const shape = { rows: 1, columns: values.length, positions: 1, scope: 'layer' as const, count };
          const chosen = chooseZeros(scores, shape);
          expect(sum(chosen)).toBe(count);
          const gone = values.filter((_, k) => chosen[k]);
          const left = values.filter((_, k) => !chosen[k]);
          expect(Math.max(-1, ...gone)).toBeLessThanOrEqual(Math.min(10, ...left));
        },
      ),
    );
  });

  it('takes an equal share of each row, to one value, with scope channel', () => {
    const chosen = chooseZeros(scoresOf(7 * 30, 1), {
      rows: 7,
      columns: 30,
      positions: 1,
      scope: 'channel',
      count: 100,
    });
    const perRow = Array.from({ length: 7 }, (_, r) => sum(chosen.subarray(r * 30, (r + 1) * 30)));
    expect(sum(perRow)).toBe(100);
    expect(perRow.every((n) => n === 14 || n === 15)).toBe(true);
  });

  it('keeps two of every four neighbouring channels of one position, and all that are left over', () => {
    const shape = { rows: 3, columns: 10 * 9, positions: 9 };
    const pattern = { zeros: 2, of: 4 };
    const chosen = chooseZeros(scoresOf(3 * 90, 2), { ...shape, scope: 'layer', count: 0, pattern });
    for (let r = 0; r < 3; r++)
      for (let p = 0; p < 9; p++) {
        const channel = (c: number) => chosen[r * 90 + c * 9 + p]!;
        expect([0, 4].map((c) => channel(c) + channel(c + 1) + channel(c + 2) + channel(c + 3))).toEqual([2, 2]);
        expect([channel(8), channel(9)]).toEqual([0, 0]);
      }
    expect(sum(chosen)).toBe(patternCount(shape, pattern));
  });
});

describe('shareZeros', () => {
  it('takes most from where scores are small', () => {
    const [a, b] = [scoresOf(100, 3), scoresOf(100, 4).map((s) => s * 10)];
    const counts = shareZeros([a, b], 60);
    expect(sum(counts)).toBe(60);
    expect(counts[0]).toBeGreaterThan(counts[1]!);
  });
});
