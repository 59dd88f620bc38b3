import { describe, expect, it } from '@jest/globals';
import { cholesky, invertSymmetric, solveCholesky, solveCholeskyRows } from './linear-algebra.js';
import { refit } from './prune/refit.js';
import { randomFloats } from './testing/models.js';

/** A^T A of random rows: symmetric and positive. */
function positive(n: number, rows: number): Float64Array {
  const a = randomFloats(rows * n, 5);
  return Float64Array.from({ length: n * n }, (_, k) => {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += a[r * n + Math.floor(k / n)]! * a[r * n + (k % n)]!;
    return sum;
  });
}

describe('linear algebra', () => {
  it('solves and inverts', () => {
    const n = 12;
    const matrix = positive(n, 40);
    const x = Float64Array.from(randomFloats(n, 9));
    const b = x.map((_, i) => x.reduce((sum, v, j) => sum + matrix[i * n + j]! * v, 0));
    const solved = solveCholesky(cholesky(matrix.slice(), n, 1e-12), n, b.slice());
    expect([...solved]).toEqual([...x].map((v) => expect.closeTo(v, 8)));
    const inverse = invertSymmetric(matrix, n, 1e-12);
    const again = x.map((_, i) => b.reduce((sum, v, j) => sum + inverse[i * n + j]! * v, 0));
    expect([...again]).toEqual([...x].map((v) => expect.closeTo(v, 8)));
  });

  it('solves many right sides as it solves one', () => {
    const n = 9;
    const factor = cholesky(positive(n, 40), n, 1e-12);
    const rows = Float64Array.from(randomFloats(7 * n, 11));
    const one = rows.slice();
    for (let r = 0; r < 7; r++) solveCholesky(factor, n, one.subarray(r * n, (r + 1) * n));
    expect(solveCholeskyRows(factor, n, rows)).toEqual(one);
  });

  it('gets through a singular matrix', () => {
    const factor = cholesky(Float64Array.of(1, 1, 1, 1), 2, 1e-9);
    expect(factor.every(Number.isFinite)).toBe(true);
  });
});

describe('refit', () => {
  /** Sums of rows x (columns) and targets y = x W^T + b. */
  function sumsOf(rows: number, weight: number[][], bias: number[]) {
    const columns = weight[0]!.length;
    const targets = weight.length;
    const x = randomFloats(rows * columns, 3).map((v, i) => v + (i % columns));
    const y = Float64Array.from({ length: rows * targets }, (_, k) => {
      const [r, o] = [Math.floor(k / targets), k % targets];
      return weight[o]!.reduce((sum, w, i) => sum + w * x[r * columns + i]!, bias[o]!);
    });
    const gram = new Float64Array(columns * columns);
    const cross = new Float64Array(columns * targets);
    const sums = new Float64Array(columns);
    const targetSums = new Float64Array(targets);
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < columns; i++) {
        const v = x[r * columns + i]!;
        sums[i]! += v;
        for (let j = 0; j < columns; j++) gram[i * columns + j]! += v * x[r * columns + j]!;
        for (let o = 0; o < targets; o++) cross[i * targets + o]! += v * y[r * targets + o]!;
      }
      for (let o = 0; o < targets; o++) targetSums[o]! += y[r * targets + o]!;
    }
    return { kind: 'gram' as const, tensor: 'x', rows, columns, targets, gram, cross, sums, targetSums };
  }

  it('finds weight and bias that made the targets', () => {
    const solved = refit(
      sumsOf(
        400,
        [
          [1, -2, 3],
          [0.5, 0, -1],
        ],
        [4, -5],
      ),
      new Float64Array(6),
      1e-9,
      { depthwise: false, bias: true },
    );
    expect([...solved.weight]).toEqual([1, -2, 3, 0.5, 0, -1].map((v) => expect.closeTo(v, 2)));
    expect([...solved.bias]).toEqual([4, -5].map((v) => expect.closeTo(v, 2)));
  });

  it('stays where it is when pulled hard', () => {
    const start = Float64Array.of(7, 7, 7, 7, 7, 7);
    const solved = refit(
      sumsOf(
        400,
        [
          [1, -2, 3],
          [0.5, 0, -1],
        ],
        [4, -5],
      ),
      start,
      1e6,
      { depthwise: false, bias: true },
    );
    expect([...solved.weight]).toEqual([...start].map((v) => expect.closeTo(v, 2)));
  });

  it('keeps depthwise outputs to their own columns', () => {
    const solved = refit(
      sumsOf(
        400,
        [
          [1, -2, 0, 0],
          [0, 0, 3, 4],
        ],
        [1, 2],
      ),
      new Float64Array(4),
      1e-9,
      { depthwise: true, bias: true },
    );
    expect([...solved.weight]).toEqual([1, -2, 3, 4].map((v) => expect.closeTo(v, 2)));
  });
});
