import { describe, expect, it } from '@jest/globals';
import { highestOutside, latency, latencyRange, power, powerRange } from './trace-options.js';

describe('range of a trace', () => {
  it('[DASH-7] one very long inference does not flatten the picture, and is said', () => {
    const columns = [
      [0, 1, 2],
      [0.9, null, 0.8],
      [1, null, 1],
      [1.2, null, 40],
    ];
    const [low, high] = latencyRange(columns);
    expect([
      low < 0.8,
      high < 4,
      highestOutside(columns, latency),
      highestOutside([[0], [1], [1], [1.1]], latency),
      latencyRange([[], [], [], []]),
    ]).toEqual([true, true, 40, undefined, [0, 1]]);
  });

  it('[ENERGY-15] power is drawn from 0 and with its highest, also what flows back', () => {
    const columns = [
      [0, 1],
      [1, 2],
      [2, null],
      [3, 50],
    ];
    expect(powerRange(columns)).toEqual([0, 54]);
    expect(highestOutside(columns, power)).toBeUndefined();
    expect(powerRange([[0], [-10], [-5], [0]])).toEqual([-10, expect.closeTo(0.8, 9)]);
    expect([powerRange([[], [], [], []]), powerRange([[0], [0], [0], [0]])]).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
});
