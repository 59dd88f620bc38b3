import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { averagedTrace, counterTrace, sampledTrace, sumOfTraces } from './power-trace.js';

const every = (ms: number, count: number, power: (at: number) => number) =>
  Array.from({ length: count }, (_, i) => ({ at: i * ms, value: power(i * ms) }));

describe('power traces', () => {
  it('integrates powers at moments by trapezoids, interpolated at the ends of the window', () => {
    const trace = sampledTrace(every(100, 11, (at) => at / 100));
    expect(trace.energy(150, 350)).toBeCloseTo(0.5, 12);
    expect(trace.periodMs).toBe(100);
  });

  it('adds rectangles of means, the first and the last in part', () => {
    const trace = averagedTrace([
      { start: 0, end: 10, watts: 1 },
      { start: 10, end: 20, watts: 3 },
      { start: 20, end: 30, watts: 5 },
    ]);
    expect(trace.energy(5, 25)).toBeCloseTo(0.06, 12);
  });

  it('takes the difference of a counter, also where it starts again from 0', () => {
    // Golden value of RAPL: 262,143,328,850 uJ is where it turns; 12,674,528 uJ over the turn.
    const wrapsAt = 262_143.32885;
    const trace = counterTrace(
      [
        { at: 0, value: 262_140 },
        { at: 1000, value: 262_140 + 12.674528 - wrapsAt },
      ],
      wrapsAt,
    );
    expect(trace.energy(0, 1000)).toBeCloseTo(12.674528, 6);
  });

  it('has nothing to say of a window that it does not cover, or with a gap inside', () => {
    const points = every(100, 40, () => 2);
    expect(sampledTrace(points).energy(-50, 350)).toBeUndefined();
    expect(sampledTrace(points).energy(100, 4000)).toBeUndefined();
    const gap = points.filter(({ at }) => at < 1000 || at > 2500);
    expect(sampledTrace(gap).energy(500, 3000)).toBeUndefined();
    expect(sampledTrace(gap).energy(2600, 3000)).toBeCloseTo(0.8, 12);
    expect(counterTrace(gap).energy(500, 3000)).toBeUndefined();
    expect(averagedTrace([]).energy(0, 1)).toBeUndefined();
  });

  it('is undefined where one of the parts is', () => {
    const whole = sampledTrace(every(100, 20, () => 1));
    const part = sampledTrace(every(100, 5, () => 1));
    expect(sumOfTraces([whole, whole]).energy(100, 1100)).toBeCloseTo(2, 12);
    expect(sumOfTraces([whole, part]).energy(100, 1100)).toBeUndefined();
  });

  it('adds up: two windows that meet have the energy of the one that holds both', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 30, maxLength: 60 }),
        fc.array(fc.integer({ min: 0, max: 2900 }), { minLength: 3, maxLength: 3 }),
        (powers, cuts) => {
          const [a, b, c] = [...new Set(cuts)].sort((x, y) => x - y);
          fc.pre(c !== undefined);
          const sampled = sampledTrace(powers.map((value, i) => ({ at: i * 100, value })));
          const averaged = averagedTrace(powers.map((watts, i) => ({ start: i * 100, end: i * 100 + 100, watts })));
          for (const trace of [sampled, averaged])
            expect(trace.energy(a!, b!)! + trace.energy(b!, c)!).toBeCloseTo(trace.energy(a!, c)!, 9);
        },
      ),
    );
  });
});
