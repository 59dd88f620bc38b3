import { describe, expect, it } from '@jest/globals';
import { latencyRange, longestOutside } from './trace-options.js';

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
      longestOutside(columns),
      longestOutside([[0], [1], [1], [1.1]]),
      latencyRange([[], [], [], []]),
    ]).toEqual([true, true, 40, undefined, [0, 1]]);
  });
});
