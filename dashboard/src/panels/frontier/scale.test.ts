import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { domainOf, linearTicks, logTicks, makeScale } from './scale.js';

describe('scale', () => {
  it('maps the ends of the domain to the ends of the range, and back', () => {
    const scale = makeScale('log', [1, 100], [50, 250]);
    expect([scale.at(1), scale.at(10), scale.at(100)]).toEqual([50, 150, 250]);
    expect(scale.valueAt(150)).toBeCloseTo(10);
    expect(makeScale('linear', [0, 1], [200, 0]).at(0.25)).toBe(150);
  });

  it('keeps every value inside its domain', () => {
    const values = fc.array(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.constantFrom('log' as const, 'linear' as const), values, (kind, given) => {
        const [low, high] = domainOf(kind, given)!;
        expect(given.every((v) => v >= low && v <= high)).toBe(true);
        expect(low).toBeLessThan(high);
      }),
    );
  });

  it('never passes the bounds of a quality, and has no domain without values', () => {
    expect(domainOf('linear', [0.5, 1], [0, 1])).toEqual([0.46, 1]);
    expect([domainOf('log', []), domainOf('log', [0, -1])]).toEqual([undefined, undefined]);
  });

  it('ticks are round numbers: 1-2-5 by decade, plain steps where the domain is narrow', () => {
    expect(linearTicks([0.58, 0.93], 4)).toEqual([0.6, 0.7, 0.8, 0.9]);
    expect(logTicks([1.8, 60], 7)).toEqual([2, 5, 10, 20, 50]);
    expect(logTicks([30, 44], 5)).toEqual([30, 35, 40]);
    expect(logTicks([1, 1e9], 6)).toEqual([1, 100, 10_000, 1e6, 1e8]);
  });
});
