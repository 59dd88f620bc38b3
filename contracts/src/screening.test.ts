import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { noWorse, type PairedComparison } from './screening.js';

const comparison = (value: number, low: number, high: number): PairedComparison => ({
  both: 1,
  onlyModel: 1,
  onlyVariant: 1,
  neither: 1,
  pValue: 1,
  difference: { value, low, high },
});

describe('no worse than fp32', () => {
  it('[SCREEN-2] holds, is refuted or stays open by where the interval lies', () => {
    expect(noWorse(comparison(-0.003, -0.008, 0.002), 0.01)).toEqual({
      verdict: 'holds',
      statement: 'no worse than fp32 by more than 1 point',
      text: 'no worse than fp32 by more than 1 point: -0.30 points (-0.80 – +0.20)',
    });
    expect(noWorse(comparison(-0.018, -0.033, -0.004), 0.01)).toEqual({
      verdict: 'open',
      statement: 'may be worse than fp32 by more than 1 point',
      text: 'may be worse than fp32 by more than 1 point: -1.8 points (-3.3 – -0.4)',
    });
    expect(noWorse(comparison(-0.05, -0.07, -0.03), 0.005)).toEqual({
      verdict: 'worse',
      statement: 'worse than fp32 by more than 0.5 points',
      text: 'worse than fp32 by more than 0.5 points: -5.0 points (-7.0 – -3.0)',
    });
    expect(noWorse(comparison(0.00001, 0, 0.00003), 0).text).toBe('no worse than fp32: 0.00 points (0.00 – 0.00)');
  });

  it('[SCREEN-2] a wider margin never takes back what a narrower one gave', () => {
    const rank = { worse: 0, open: 1, holds: 2 };
    fc.assert(
      fc.property(
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (a, b, margin, more) => {
          const pair = comparison((a + b) / 2, Math.min(a, b), Math.max(a, b));
          expect(rank[noWorse(pair, margin + more).verdict]).toBeGreaterThanOrEqual(
            rank[noWorse(pair, margin).verdict],
          );
        },
      ),
    );
  });
});
