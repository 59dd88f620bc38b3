import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomFloats } from '../testing/models.js';
import { chooseZeros } from './choose.js';
import { type RowError, refitRows, searchZeros } from './sparse-rows.js';

/** An error whose columns depend on one another, as those of neighbouring pixels do. */
function errorOf(columns: number, rows: number, seed: number): RowError {
  const samples = 4 * columns;
  const x = randomFloats(samples * columns, seed);
  for (let k = 0; k < x.length; k++) if (k % columns > 0) x[k] = x[k]! + 0.8 * x[k - 1]!;
  const hessian = new Float64Array(columns * columns);
  for (let r = 0; r < samples; r++)
    for (let i = 0; i < columns; i++)
      for (let j = 0; j < columns; j++)
        hessian[i * columns + j]! += (x[r * columns + i]! * x[r * columns + j]!) / samples;
  for (let i = 0; i < columns; i++) hessian[i * (columns + 1)]! += 0.01;
  return { columns, hessian, best: Float64Array.from(randomFloats(rows * columns, seed + 1)) };
}

function cost({ columns, hessian, best }: RowError, weight: Float64Array): number {
  let sum = 0;
  for (let o = 0; o < best.length; o += columns)
    for (let i = 0; i < columns; i++)
      for (let j = 0; j < columns; j++)
        sum += (weight[o + i]! - best[o + i]!) * hessian[i * columns + j]! * (weight[o + j]! - best[o + j]!);
  return sum;
}

const choice = (columns: number, rows: number, count: number) => ({
  rows,
  columns,
  positions: 1,
  scope: 'layer' as const,
  count,
});
const none = (error: RowError) => new Uint8Array(error.best.length);

describe('refitRows', () => {
  it('finds the least error there is with those zeros', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 3, max: 12 }),
        fc.integer({ min: 1, max: 2 }),
        (seed, columns, share) => {
          // A third is zero, or two: solved for what is gone, or for what is left.
          const error = errorOf(columns, 3, seed);
          const zeros = chooseZeros(error.best.map(Math.abs), choice(columns, 3, share * columns));
          const weight = refitRows(error, zeros);
          const least = cost(error, weight);
          weight.forEach((w, k) => {
            if (zeros[k]) expect(w).toBe(0);
            else
              for (const by of [-0.01, 0.01]) {
                const moved = weight.slice();
                moved[k] = w + by;
                expect(cost(error, moved)).toBeGreaterThan(least);
              }
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('gives back the best rows where nothing is zero', () => {
    const error = errorOf(8, 2, 5);
    expect(refitRows(error, none(error))).toEqual(error.best);
  });
});

describe('searchZeros', () => {
  it('chooses zeros that cost less than the smallest weights do, and than what each costs alone', () => {
    const total = { searched: 0, small: 0, alone: 0 };
    for (let seed = 1; seed <= 20; seed++) {
      const error = errorOf(24, 8, seed);
      const half = choice(24, 8, 96);
      const after = (zeros: Uint8Array) => cost(error, refitRows(error, zeros));
      total.searched += after(searchZeros(error, half, none(error)));
      total.small += after(chooseZeros(error.best.map(Math.abs), half));
      total.alone += after(
        chooseZeros(
          error.best.map((w, k) => w * w * error.hessian[(k % 24) * 25]!),
          half,
        ),
      );
    }
    expect(total.searched).toBeLessThan(0.8 * total.small);
    expect(total.searched).toBeLessThan(0.8 * total.alone);
  });

  it('counts what is zero already', () => {
    const error = errorOf(24, 4, 3);
    const fixed = none(error).map((_, k) => (k % 5 === 0 ? 1 : 0));
    const zeros = searchZeros(error, choice(24, 4, 48), fixed);
    expect(zeros.reduce((sum, z) => sum + z, 0)).toBe(48);
    expect(fixed.every((f, k) => f === 0 || zeros[k] === 1)).toBe(true);
  });
});
