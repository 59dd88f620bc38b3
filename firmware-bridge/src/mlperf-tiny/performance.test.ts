import { describe, expect, it } from '@jest/globals';
import { inferencesForLoop, tinyPerformance } from './performance.js';

const loop = (inferences: number, seconds: number) => ({ inferences, microseconds: seconds * 1e6 });

describe('tinyPerformance', () => {
  it('is the median of five loops', () => {
    expect(tinyPerformance([100, 50, 110, 120, 90].map((n) => loop(n, 10)))).toEqual({
      inferencesPerSecond: 10,
      latencyMs: 100,
      faults: [],
    });
  });

  it('is the middle of the two middle ones of an even number, and then does not count', () => {
    expect(tinyPerformance([10, 20, 30, 40].map((n) => loop(n, 10)))).toEqual({
      inferencesPerSecond: 2.5,
      latencyMs: 400,
      faults: [{ fault: 'loops', loops: 4 }],
    });
  });

  it('says which loops are too short', () => {
    expect(tinyPerformance([loop(10, 10), loop(10, 9.999999), loop(10, 10), loop(10, 1), loop(10, 10)]).faults).toEqual(
      [
        { fault: 'too-short', loop: 1, seconds: 9.999999 },
        { fault: 'too-short', loop: 3, seconds: 1 },
      ],
    );
  });

  it('refuses what cannot be', () => {
    expect(() => tinyPerformance([])).toThrow(RangeError);
    expect(() => tinyPerformance([loop(1, 0)])).toThrow(RangeError);
    expect(() => tinyPerformance([loop(0, 1)])).toThrow(RangeError);
  });
});

describe('inferencesForLoop', () => {
  it('makes a loop of ten seconds with some to spare', () => {
    expect(inferencesForLoop(1000)).toBe(10_500);
    expect(inferencesForLoop(60e6)).toBe(1);
    expect(inferencesForLoop(1000, 1)).toBe(1050);
  });
});
