import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { evaluationOrder } from './evaluation-order.js';

describe('evaluationOrder', () => {
  it('[MCU-6] is a permutation, and fewer items are the beginning of more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat({ max: 3000 }), (total, count) => {
        const all = evaluationOrder(total);
        expect([...all].sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, i) => i));
        expect([...evaluationOrder(total, count)]).toEqual([...all.subarray(0, count)]);
      }),
      { numRuns: 60 },
    );
  });

  it('[MCU-6] is the same for ever: golden values', () => {
    expect([...evaluationOrder(2500, 8)]).toEqual([2317, 1461, 41, 229, 2134, 702, 109, 973]);
  });

  it('[MCU-6] takes every class of a file that is sorted by class', () => {
    const counts = new Array<number>(10).fill(0);
    for (const item of evaluationOrder(2500, 256)) counts[Math.floor(item / 250)]!++;
    // 25.6 each is expected; 5 standard deviations.
    expect(Math.min(...counts)).toBeGreaterThan(2);
    expect(Math.max(...counts)).toBeLessThan(50);
  });
});
