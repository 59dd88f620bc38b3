import { describe, expect, it } from '@jest/globals';
import { WarmUp } from './warm-up.js';

const rule = { minMs: 100, minInferences: 10, maxMs: 1000 };
/** Number of inferences after which the warm-up ends, each taking what the function says, ms. */
function ends(latency: (i: number) => number, over = rule): number {
  const warmUp = new WarmUp(over);
  let elapsed = 0;
  for (let i = 0; ; i++) {
    elapsed += latency(i);
    if (warmUp.done(latency(i), elapsed)) return i + 1;
  }
}

describe('WarmUp', () => {
  it('[MEAS-10] ends when two windows of ten agree and both minima are reached', () => {
    expect(ends(() => 10)).toBe(20);
    expect(ends(() => 1)).toBe(100);
    expect(ends(() => 10, { ...rule, minInferences: 45 })).toBe(45);
  });

  it('[MEAS-10] goes on while it still gets faster by more than 2 %, and ends at its longest', () => {
    expect(ends((i) => 10 * 0.95 ** i, { ...rule, maxMs: 150 })).toBe(28);
    expect(ends((i) => (i < 30 ? 10 : 5), { ...rule, minMs: 325 })).toBe(45);
    expect(ends((i) => 10 * 1.01 ** i)).toBe(70);
  });

  it('[MEAS-10] one slow inference does not keep it: windows are compared by their medians', () => {
    expect(ends((i) => (i === 15 ? 50 : 10))).toBe(20);
  });
});
