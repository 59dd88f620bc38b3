import { mulberry32, normal } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { changePoints, tTest } from './change-points.js';
import { bestSplit, splits } from './e-divisive.js';

const golden = [10, 10.1, 9.9, 10.05, 9.95, 10, 10.1, 9.9, 12, 12.1, 11.9, 12.05, 11.95, 12, 12.1, 11.9];

describe('change points', () => {
  it('[GATE-6] Q of E-divisive means, golden', () => {
    expect(bestSplit(golden)).toEqual({ tau: 8, q: expect.closeTo(15.22857, 5) });
    const q = new Map(splits(golden).map((split) => [split.tau, split.q]));
    expect(q.get(9)).toBeCloseTo(11.60469, 5);
    expect(q.get(7)).toBeCloseTo(11.51094, 5);
    expect([...q.keys()]).toEqual(Array.from({ length: 13 }, (_, i) => i + 2));
    expect(bestSplit([1, 2, 3])).toBeUndefined();
  });

  it('[GATE-6] a step is found where it is, with the levels beside it', () => {
    expect(changePoints(golden)).toEqual([
      { index: 8, before: expect.closeTo(10, 9), after: expect.closeTo(12, 9), p: expect.any(Number) },
    ]);
    expect(changePoints(golden, { minMagnitude: 2.1 })).toEqual([]);
  });

  it('[GATE-6] nothing in noise, nothing for a single outlier, nothing in a constant', () => {
    const random = mulberry32(11);
    let found = 0;
    for (let i = 0; i < 50; i++) found += changePoints(Array.from({ length: 60 }, () => normal(random))).length;
    expect(found).toBeLessThanOrEqual(2);
    const outlier = Array.from({ length: 30 }, (_, i) => (i === 17 ? 20 : 10 + 0.1 * normal(random)));
    expect(changePoints(outlier)).toEqual([]);
    expect(changePoints(Array.from({ length: 20 }, () => 3))).toEqual([]);
    expect(changePoints([])).toEqual([]);
  });

  it('[GATE-6] several steps in a series longer than the window, each within a night or two', () => {
    const random = mulberry32(3);
    const level = (i: number) => (i < 40 ? 0 : i < 75 ? 0.03 : i < 120 ? 0.01 : 0.05);
    const series = Array.from({ length: 160 }, (_, i) => level(i) + 0.005 * normal(random));
    const found = changePoints(series, { minMagnitude: 0.005 }).map(({ index }) => index);
    expect(found).toHaveLength(3);
    [40, 75, 120].forEach((at, i) => {
      expect(Math.abs(found[i]! - at)).toBeLessThanOrEqual(2);
    });
  });

  it("[GATE-6] Student's t test of two stretches", () => {
    // scipy.stats.ttest_ind([1, 2, 3], [2, 4, 6]) -> t = -1.5492, p = 0.19626
    expect(tTest([1, 2, 3], [2, 4, 6])).toBeCloseTo(0.19626, 4);
    expect([tTest([1], [2, 3]), tTest([1, 1], [1, 1]), tTest([1, 1], [2, 2])]).toEqual([1, 1, 0]);
  });
});
