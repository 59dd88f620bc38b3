import { describe, expect, it } from '@jest/globals';
import { cholesky, solveLower, solveUpper } from './cholesky.js';
import { PointProcess } from './point-process.js';

const distance = (a: number, b: number): number => Math.abs(a - b) / 10;
const kernel = { shared: 0.9, reach: 0.3, size: 0.5 };
const seen = (row: number, device: number, value: number) => ({ row, device, value, noise: 0.01 });

describe('what is expected of points', () => {
  it('[SAMP-7] is what was measured where it was, and less sure further away', () => {
    const process = new PointProcess([seen(0, 0, 1), seen(5, 0, 2)], distance, kernel);
    expect(process.predict(0, 0).mean).toBeCloseTo(1, 2);
    expect(process.predict(5, 0).mean).toBeCloseTo(2, 2);
    expect(process.predict(0, 0).deviation).toBeLessThan(0.02);
    expect(process.predict(10, 0).deviation).toBeGreaterThan(process.predict(6, 0).deviation);
    expect(process.predict(3, 0).mean).toBeCloseTo(process.mean(3, 0), 12);
  });

  it('[SAMP-8] follows another device up to its own level', () => {
    const other = [0, 2, 4, 6, 8, 10].map((row) => seen(row, 1, row / 10));
    const guided = new PointProcess([seen(0, 0, 3), ...other], distance, kernel);
    const alone = new PointProcess([seen(0, 0, 3), ...other], distance, { ...kernel, shared: 0 });
    expect(guided.predict(10, 0).mean).toBeGreaterThan(3.6);
    expect(alone.predict(10, 0).mean).toBeLessThan(3.2);
    expect(guided.predict(10, 0).deviation).toBeLessThan(alone.predict(10, 0).deviation);
    // Only what is shared makes what both devices show likely.
    const both = [...other, ...other.map((one) => ({ ...one, device: 0, value: one.value + 3 }))];
    const likelihood = (shared: number) => new PointProcess(both, distance, { ...kernel, shared }).logLikelihood;
    expect(likelihood(0.9)).toBeGreaterThan(likelihood(0));
  });

  it('[SAMP-7] solves by a triangle', () => {
    const matrix = Float64Array.from([4, 2, 2, 3]);
    const lower = cholesky(matrix, 2);
    const x = solveUpper(lower, 2, solveLower(lower, 2, [8, 7]));
    expect([...x]).toEqual([expect.closeTo(1.25, 12), expect.closeTo(1.5, 12)]);
  });
});
