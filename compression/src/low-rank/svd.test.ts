import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomFloats } from '../testing/models.js';
import { type Svd, svd } from './svd.js';

/** Largest difference from an orthonormal set among `count` rows of `length` numbers. */
function offOrthonormal(vectors: Float64Array, count: number, length: number): number {
  let most = 0;
  for (let p = 0; p < count; p++)
    for (let q = p; q < count; q++) {
      let sum = p === q ? -1 : 0;
      for (let i = 0; i < length; i++) sum += vectors[p * length + i]! * vectors[q * length + i]!;
      most = Math.max(most, Math.abs(sum));
    }
  return most;
}

/** Norm of what is left of the matrix after the first `rank` parts. */
function leftOver(matrix: Float64Array, rows: number, columns: number, { left, right, values }: Svd, rank: number) {
  let sum = 0;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      let value = matrix[i * columns + j]!;
      for (let k = 0; k < rank; k++) value -= left[k * rows + i]! * values[k]! * right[k * columns + j]!;
      sum += value * value;
    }
  return Math.sqrt(sum);
}
const norm = (values: Float64Array): number => Math.sqrt(values.reduce((s, v) => s + v * v, 0));

describe('svd', () => {
  it('finds orthonormal vectors and falling values that make the matrix, whatever its size and rank', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer(),
        (rows, columns, rank, seed) => {
          const [a, b] = [randomFloats(rows * rank, seed), randomFloats(rank * columns, seed + 1)];
          // Columns of very different size are where a Gram matrix would lose the small values.
          const matrix = Float64Array.from({ length: rows * columns }, (_, k) => {
            const [i, j] = [Math.floor(k / columns), k % columns];
            let sum = 0;
            for (let r = 0; r < rank; r++) sum += a[i * rank + r]! * b[r * columns + j]! * 10 ** -r;
            return sum;
          });
          const found = svd(matrix, rows, columns);
          expect(found.rank).toBeLessThanOrEqual(Math.min(rows, columns, rank));
          expect([...found.values]).toEqual([...found.values].sort((p, q) => q - p));
          expect(offOrthonormal(found.left, found.rank, rows)).toBeLessThan(1e-12);
          expect(offOrthonormal(found.right, found.rank, columns)).toBeLessThan(1e-12);
          expect(leftOver(matrix, rows, columns, found, found.rank)).toBeLessThanOrEqual(1e-12 * norm(matrix));
        },
      ),
    );
  });

  it.each([
    [40, 90],
    [90, 40],
  ])('leaves the tail of the singular values out of a cut: %i x %i', (rows, columns) => {
    const matrix = Float64Array.from(randomFloats(rows * columns, 3));
    const found = svd(matrix, rows, columns);
    for (const rank of [1, 7, 39])
      expect(leftOver(matrix, rows, columns, found, rank)).toBeCloseTo(norm(found.values.slice(rank)), 9);
  });

  it('keeps small values next to large ones', () => {
    // Two nearly parallel columns (Lauchli): the Gram matrix is singular in double precision.
    const e = 1e-9;
    const found = svd(Float64Array.of(1, 1, e, 0, 0, e), 3, 2);
    expect(found.values[1]! / e).toBeCloseTo(1, 6);
  });

  it('has nothing to say about zeros', () => {
    expect(svd(new Float64Array(6), 2, 3).rank).toBe(0);
  });

  it('gives the same bytes twice', () => {
    const matrix = Float64Array.from(randomFloats(600, 8));
    expect(svd(matrix, 20, 30)).toEqual(svd(matrix, 20, 30));
  });
});
