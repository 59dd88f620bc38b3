import { describe, expect, it } from '@jest/globals';
import { processInterval, quantileInterval, quantileRanks, studentQuantile975 } from './intervals.js';

describe('intervals', () => {
  it("[SUM-1] Student's quantiles are the tables'", () => {
    expect([1, 2, 4, 10, 30].map((df) => Number(studentQuantile975(df).toFixed(3)))).toEqual([
      12.706, 4.303, 2.776, 2.228, 2.042,
    ]);
  });
  it('[SUM-2] order-statistic ranks of the median, golden', () => {
    const golden: [number, number, number][] = [
      [6, 1, 6],
      [8, 1, 8],
      [10, 2, 9],
      [15, 4, 12],
      [20, 6, 15],
      [30, 10, 21],
      [50, 18, 33],
      [100, 40, 61],
    ];
    expect(golden.map(([n]) => quantileRanks(n, 0.5))).toEqual(golden.map(([, lower, upper]) => ({ lower, upper })));
  });
  it('[SUM-2] order-statistic ranks of p90 and p99, golden', () => {
    expect([200, 500, 1000].map((n) => quantileRanks(n, 0.9))).toEqual([
      { lower: 171, upper: 189 },
      { lower: 436, upper: 464 },
      { lower: 881, upper: 919 },
    ]);
    expect([200, 500, 1000].map((n) => quantileRanks(n, 0.99))).toEqual([
      { lower: 195, upper: undefined },
      { lower: 490, upper: 500 },
      { lower: 983, upper: 997 },
    ]);
  });
  it('[SUM-2] no interval of a median below six values', () => {
    expect(quantileInterval([1, 2, 3, 4, 5], 0.5)).toBeUndefined();
    expect(quantileInterval([1, 2, 3, 4, 5, 6], 0.5)).toEqual({ value: 3, low: 1, high: 6 });
  });
  it('[SUM-1] processes: geometric mean with t on the logarithms', () => {
    const interval = processInterval([1, Math.E, Math.E ** 2])!;
    expect(interval.value).toBeCloseTo(Math.E, 12);
    expect(Math.log(interval.high / interval.value)).toBeCloseTo(4.302653 / Math.sqrt(3), 4);
    const wider = processInterval([1, Math.E, Math.E ** 2], 1)!;
    expect(Math.log(wider.high / wider.value)).toBeCloseTo(Math.hypot(4.302653 / Math.sqrt(3), 1.959964), 4);
    expect(processInterval([1])).toBeUndefined();
    expect(processInterval([1, 0])).toBeUndefined();
  });
});
