import { earlyStoppingDiscard, protocolOf } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { inferencesPerStamp } from './inferences-per-stamp.js';
import { blockRule, earlyStoppingMinimum } from './stop-rule.js';

describe('stop rule', () => {
  // Golden values: MLPerf's early stopping at 99 % confidence.
  it.each([
    [0.5, 11],
    [0.9, 64],
    [0.95, 130],
    [0.97, 219],
    [0.99, 662],
    [0.999, 6636],
  ])('[MEAS-11] early stopping for p%d needs %d inferences', (percentile, minimum) => {
    expect(earlyStoppingMinimum(percentile, 0.99)).toBe(minimum);
    expect([
      earlyStoppingDiscard(minimum - 1, percentile, 0.99),
      earlyStoppingDiscard(minimum, percentile, 0.99),
    ]).toEqual([0, 1]);
  });

  it.each([
    [100, 3],
    [200, 10],
    [500, 34],
    [1000, 78],
    [5000, 450],
    [24_576, 2348],
    [935_541, 92_879],
    [553_349, 54_815],
  ])('[MEAS-11] of %d inferences %d may lie above p90', (n, discard) => {
    expect(earlyStoppingDiscard(n, 0.9, 0.99)).toBe(discard);
  });

  it('[MEAS-11] the last block of a strict run goes on until early stopping holds over all blocks', () => {
    const strict = { ...protocolOf('strict'), blocks: 3, blockMinInferences: 10 };
    expect([0, 1, 2].map((block) => blockRule(strict, block, block * 10).minInferences)).toEqual([10, 10, 44]);
    expect(blockRule(strict, 2, 500)).toEqual({ minMs: strict.blockMinMs, minInferences: 10 });
    expect(blockRule(protocolOf('quick'), 2, 0)).toEqual({ minMs: 400, minInferences: 30 });
  });

  it('[MEAS-12] reading the clock costs less than 1 % of what is measured', () => {
    expect(inferencesPerStamp(0.05, 0.01)).toBe(1);
    expect(inferencesPerStamp(0.01, 0.0001)).toBe(1);
    expect(inferencesPerStamp(0.01, 0.0005)).toBe(5);
    expect(inferencesPerStamp(0, 0.0005)).toBe(1);
  });
});
