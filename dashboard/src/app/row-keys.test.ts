import { describe, expect, it } from '@jest/globals';
import { nextRow } from './row-keys.js';

describe('row keys', () => {
  it('[KEY-6] j and k go from row to row and stop at the ends', () => {
    expect([nextRow(-1, 1, 3), nextRow(0, 1, 3), nextRow(2, 1, 3), nextRow(0, -1, 3), nextRow(-1, -1, 3)]).toEqual([
      0, 1, 2, 0, 2,
    ]);
    expect(nextRow(-1, 1, 0)).toBe(-1);
  });
});
