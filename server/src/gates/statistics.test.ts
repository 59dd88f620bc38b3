import { mulberry32, normal } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { benjaminiHochberg } from './benjamini-hochberg.js';
import { contrastOf, type Night, ratioOf } from './bootstrap-ratio.js';
import { mannWhitney } from './mann-whitney.js';
import { mcNemar } from './mcnemar.js';
import { middle, middleOfCounts } from './middle.js';
import { normalP, studentP } from './tails.js';

const a = [10.1, 10.3, 10.2, 10.4, 10.0];
const b = [10.5, 10.6, 10.35, 10.8, 10.7];

describe('statistics of the gate', () => {
  it('[GATE-1] Mann-Whitney: exact p without ties, golden', () => {
    expect(mannWhitney(a, b)).toEqual({ u: 1, p: expect.closeTo(0.01587, 5) });
    expect(mannWhitney(b, a)).toEqual({ u: 24, p: expect.closeTo(0.01587, 5) });
  });

  it('[GATE-1] the least p that few values can give', () => {
    const least = (n: number) =>
      mannWhitney(
        [...Array(n).keys()],
        [...Array(n).keys()].map((v) => v + n),
      ).p;
    expect([3, 4, 5].map((n) => Number(least(n).toFixed(4)))).toEqual([0.1, 0.0286, 0.0079]);
  });

  it('[GATE-1] Mann-Whitney: the normal approximation with ties, and with more than twenty values', () => {
    // Ten ties of two change nothing but the variance.
    const tied = mannWhitney([1, 2, 2, 3], [2, 3, 3, 4]);
    expect(tied.u).toBe(3);
    const variance = ((4 * 4) / 12) * (9 - (24 + 24) / 56);
    expect(tied.z).toBeCloseTo((5 - 0.5) / Math.sqrt(variance), 12);
    expect(tied.p).toBeCloseTo(normalP(tied.z!), 12);
    expect(mannWhitney([1, 1], [1, 1, 1])).toEqual({ u: 3, p: 1, z: 0 });
    // As the reference has it: z with continuity of the golden samples.
    const z = (Math.abs(1 - 12.5) - 0.5) / Math.sqrt((25 / 12) * 11);
    expect(z).toBeCloseTo(2.298, 3);
  });

  it('[GATE-1] the exact p and the approximation agree where both are good', () => {
    const random = mulberry32(7);
    const draw = (n: number, shift: number) => Array.from({ length: n }, () => normal(random) + shift);
    for (let i = 0; i < 20; i++) {
      const [x, y] = [draw(20, 0), draw(20, 0.4)];
      const { u, p } = mannWhitney(x, y);
      const z = (Math.abs(u - 200) - 0.5) / Math.sqrt((400 / 12) * 41);
      expect(Math.abs(p - normalP(Math.max(0, z)))).toBeLessThan(0.01);
    }
  });

  it("[GATE-1] tails: Student's and the normal's are the tables'", () => {
    expect(studentP(2.776445, 4)).toBeCloseTo(0.05, 6);
    expect(studentP(-12.7062, 1)).toBeCloseTo(0.05, 6);
    expect([0, 1.959964, 2.575829].map((z) => Number(normalP(z).toFixed(5)))).toEqual([1, 0.05, 0.01]);
  });

  it('[GATE-2] Benjamini and Hochberg: the example of their paper rejects four at 5 %', () => {
    const p = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
    ];
    const q = benjaminiHochberg(p);
    expect(q.filter((value) => value <= 0.05)).toHaveLength(4);
    expect(q[3]).toBeCloseTo((0.0095 * 15) / 4, 12);
    expect(benjaminiHochberg([0.04, 0.01])).toEqual([0.04, 0.02]);
    expect(benjaminiHochberg([])).toEqual([]);
  });

  it('[GATE-3] McNemar: exact p and the interval of a paired difference', () => {
    const items = (right: string) => Uint8Array.from(right, Number);
    const paired = mcNemar(items('1111110000'), items('1000011000'));
    expect(paired).toMatchObject({ lost: 4, won: 1, value: -0.3, p: expect.closeTo(0.375, 9) });
    expect(paired.low).toBeLessThan(-0.3);
    expect(paired.high).toBeGreaterThan(0);
    const equal = mcNemar(new Uint8Array(2000).fill(1), new Uint8Array(2000).fill(1));
    expect(equal).toMatchObject({ lost: 0, won: 0, value: 0, p: 1 });
    expect(equal.high).toBeLessThan(0.002);
  });

  it('[GATE-4] the middle of values hears nothing of a third at each end', () => {
    expect(middle([3])).toBe(3);
    expect(middle([1, 3])).toBe(2);
    expect(middle([1, 2, 3, 4, 1000])).toBe(3);
    expect(middle([9, 1, 2])).toBe(2);
    expect(middle([5, 1, 1, 1, 1, 1, 1, 1, 1, 9])).toBe(1);
    const random = mulberry32(8);
    for (let n = 2; n < 40; n++) {
      const sorted = Float64Array.from({ length: n }, () => normal(random)).sort();
      const counts = new Uint16Array(n);
      for (let i = 0; i < n; i++) counts[Math.floor(random() * n)]! += 1;
      const drawn = [...sorted].flatMap((value, i) => Array<number>(counts[i]!).fill(value));
      expect(middleOfCounts(sorted, counts)).toBeCloseTo(middle(drawn), 12);
    }
  });

  const night = (random: () => number, rounds: number, factor: number, environment: number): Night => {
    // What disturbs a round disturbs both of it.
    const shared = Array.from({ length: rounds }, () => environment * Math.exp(0.05 * normal(random)));
    const one = (f: number) => shared.map((s) => [s * f * Math.exp(0.004 * normal(random))]);
    return { subject: one(2 * factor), control: one(1) };
  };
  const ratio = (random: () => number, factor: number, environment: number) => {
    const resampling = { random, betweenRuns: 0.015, replicates: 400 };
    const before = contrastOf(night(random, 30, 1, 1), resampling);
    return ratioOf(contrastOf(night(random, 18, factor, environment), resampling), before);
  };

  it('[GATE-5] an interval of the ratio holds the truth, whatever the environment did to both', () => {
    const random = mulberry32(4);
    const all = Array.from({ length: 150 }, () => ratio(random, 1.03, 1.2));
    const held = all.filter(({ low, high }) => low <= 1.03 && high >= 1.03).length;
    expect(held).toBeGreaterThanOrEqual(0.9 * 150);
    expect(middle(all.map(({ low, high }) => high - low))).toBeLessThan(0.01);
  });

  it('[GATE-5] the same seed gives the same interval', () => {
    expect(ratio(mulberry32(3), 1, 1)).toEqual(ratio(mulberry32(3), 1, 1));
  });

  it('[GATE-5] few runs are as uncertain as runs of this lab are; what counts is exact', () => {
    const random = mulberry32(1);
    const one = (values: number[], betweenRuns: number) => contrastOf({ subject: [values] }, { random, betweenRuns });
    const near = [1, 1.001, 0.999, 1, 1];
    const noisy = ratioOf(one(near, 0.015), one(near, 0.015));
    expect(noisy.deviation).toBeGreaterThan(0.019);
    expect(noisy.inner.low).toBeGreaterThan(noisy.low);
    const exact = ratioOf(one([7, 7, 7], 0), one([5, 5, 5], 0));
    expect(exact).toMatchObject({ deviation: 0, df: undefined });
    expect([exact.value, exact.low, exact.high]).toEqual([1.4, 1.4, 1.4].map((v) => expect.closeTo(v, 12)));
  });

  it('[GATE-5] runs of several processes are resampled as runs, not as so many processes', () => {
    const random = mulberry32(5);
    const runs = (n: number) =>
      Array.from({ length: n }, () => {
        const run = Math.exp(0.02 * normal(random));
        return Array.from({ length: 5 }, () => run * Math.exp(0.001 * normal(random)));
      });
    const resampling = { random, betweenRuns: 0 };
    const { deviation } = ratioOf(
      contrastOf({ subject: runs(12) }, resampling),
      contrastOf({ subject: runs(12) }, resampling),
    );
    // sqrt(2) x 2 % / sqrt(12) = 0.82 %; as 60 processes it would be 0.37 %.
    expect(deviation).toBeGreaterThan(0.006);
  });
});
