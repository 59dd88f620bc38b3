import { describe, expect, it } from '@jest/globals';
import {
  betaIncomplete,
  binomialCdf,
  earlyStoppingDiscard,
  median,
  quantileOfSorted,
  shareInterval,
} from './statistics.js';

/** Smallest n for which t queries over the bound still convince. */
function smallestN(t: number, p: number): number {
  let n = t + 1;
  while ((earlyStoppingDiscard(n, p) ?? -1) < t) n += 1;
  return n;
}

describe('quantiles', () => {
  it('[MEAS-1] are nearest rank: the ceil(n p)-th smallest', () => {
    const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    expect([0.5, 0.9, 0.99, 1].map((p) => quantileOfSorted(ten, p))).toEqual([5, 9, 10, 10]);
    expect(median([3, 1, 2])).toBe(2);
  });
});

describe('early stopping', () => {
  it('[MEAS-2] needs as many queries as LoadGen: nmin(t, p)', () => {
    expect([0, 1, 2, 3, 5].map((t) => smallestN(t, 0.9))).toEqual([44, 64, 81, 97, 127]);
    expect([0, 1, 2].map((t) => smallestN(t, 0.99))).toEqual([459, 662, 838]);
    expect([0, 1, 2].map((t) => smallestN(t, 0.5))).toEqual([7, 11, 14]);
  });
  it('[MEAS-2] discards as many as published logs', () => {
    expect([64, 100, 200, 500, 1000, 5000, 24576].map((n) => earlyStoppingDiscard(n, 0.9))).toEqual([
      1, 3, 10, 34, 78, 450, 2348,
    ]);
    expect(earlyStoppingDiscard(935_541, 0.9)).toBe(92_879);
    expect(earlyStoppingDiscard(43, 0.9)).toBeUndefined();
  });
  it('[MEAS-2] agrees with the binomial sum', () => {
    // P[Binom(5, .5) <= 2] = 16/32
    expect(betaIncomplete(3, 3, 0.5)).toBeCloseTo(0.5, 12);
  });
});

describe('shares', () => {
  it('[SUM-3] shares: Wilson, inside 0..1 also at the ends', () => {
    expect(shareInterval(10, 10)).toEqual({ value: 1, low: expect.closeTo(0.7225, 4), high: expect.closeTo(1, 12) });
    expect(shareInterval(750, 1000)).toEqual({
      value: 0.75,
      low: expect.closeTo(0.7222, 4),
      high: expect.closeTo(0.7758, 4),
    });
  });
  it('[SUM-2] the binomial distribution function', () => {
    expect(binomialCdf(2, 5, 0.5)).toBeCloseTo(0.5, 12);
    expect([binomialCdf(-1, 5, 0.5), binomialCdf(5, 5, 0.5)]).toEqual([0, 1]);
  });
});
