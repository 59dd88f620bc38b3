import { mulberry32 } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { type Evidence, overall, resolution, verdictOf } from './verdict.js';

const evidence = (low: number, high: number, more: Partial<Evidence> = {}): Evidence => ({
  low,
  high,
  inner: { low: low + 0.1 * (high - low), high: high - 0.1 * (high - low) },
  q: 0.001,
  threshold: 0.01,
  uncontrolled: false,
  severe: false,
  ...more,
});
const said = (low: number, high: number, more: Partial<Evidence> = {}) => {
  const { verdict, doubt } = verdictOf(evidence(low, high, more));
  return doubt ? `${verdict}: ${doubt}` : verdict;
};

describe('verdict of a row', () => {
  it('[GATE-7] worse beyond the threshold, same within it, improved when surely better, else inconclusive', () => {
    expect(said(0.011, 0.04)).toBe('worse');
    expect(said(0.009, 0.04)).toBe('inconclusive: noise');
    expect(said(-0.008, 0.008)).toBe('same');
    // The 90 % interval decides on `same`: two one-sided tests at 5 %.
    expect(said(-0.011, 0.008)).toBe('same');
    expect(said(-0.04, -0.011)).toBe('improved');
    expect(said(-0.04, -0.001)).toBe('improved');
    expect(said(-0.04, 0.002)).toBe('inconclusive: noise');
  });

  it('[GATE-7] no alarm without a control, in a changed environment, or that is no discovery among many', () => {
    expect(said(0.02, 0.04, { uncontrolled: true })).toBe('inconclusive: no-control');
    expect(said(0.02, 0.04, { severe: true })).toBe('inconclusive: environment');
    expect(said(-0.005, 0.005, { severe: true })).toBe('same');
    expect(said(0.02, 0.04, { q: 0.2 })).toBe('inconclusive: discoveries');
  });

  it('[GATE-7] what is exact needs no interval: at the threshold it is the same, beyond it worse', () => {
    const exact = (change: number) =>
      verdictOf({
        low: change,
        high: change,
        inner: { low: change, high: change },
        threshold: Math.log1p(0.01),
        uncontrolled: false,
        severe: false,
      }).verdict;
    expect([0, Math.log(1.01), Math.log(1.0101), -Math.log(1.5)].map(exact)).toEqual([
      'same',
      'same',
      'worse',
      'improved',
    ]);
  });

  it('[GATE-7] held against what it resolves, the same measurements say something', () => {
    const random = mulberry32(9);
    for (let i = 0; i < 500; i++) {
      const low = 0.2 * (random() - 0.5);
      const one = evidence(low, low + 0.1 * random());
      expect(verdictOf({ ...one, threshold: resolution(one) }).verdict).not.toBe('inconclusive');
    }
  });

  it('[GATE-7] a larger threshold never turns `same` into something else, nor makes anything worse', () => {
    const random = mulberry32(10);
    for (let i = 0; i < 500; i++) {
      const low = 0.2 * (random() - 0.5);
      const one = evidence(low, low + 0.1 * random());
      const [small, large] = [0.001, 0.05].map((threshold) => verdictOf({ ...one, threshold }).verdict);
      if (small === 'same') expect(large).toBe('same');
      if (large === 'worse') expect(small).toBe('worse');
    }
  });

  it('[GATE-8] one that is worse decides for the gate, then what is open or missing', () => {
    expect(overall(['same', 'worse', 'inconclusive'], 1)).toBe('worse');
    expect(overall(['same', 'inconclusive'], 0)).toBe('inconclusive');
    expect(overall(['same', 'improved'], 1)).toBe('inconclusive');
    expect(overall(['same', 'improved'], 0)).toBe('improved');
    expect(overall(['same'], 0)).toBe('same');
    expect(overall([], 0)).toBe('same');
  });
});
