import { describe, expect, it } from '@jest/globals';
import { storedTrace } from './stored-trace.js';

describe('stored trace', () => {
  it('[DASH-7] blocks are holes apart, buckets never span two of them, absent numbers are left out', () => {
    const { t, low, mid, high } = storedTrace(
      { block: [0, 0, 0, 1, 1], latency_ms: [100, 300, 200, 400, null] },
      2,
    ).columns();
    expect(t.map((v) => Number(v.toFixed(3)))).toEqual([0, 0.7, 0.8]);
    expect([low, mid, high]).toEqual([
      [100, null, 400],
      [200, null, 400],
      [300, null, 400],
    ]);
  });

  it('the same run always looks the same', () => {
    const data = {
      block: Array.from({ length: 999 }, (_, i) => Math.floor(i / 333)),
      latency_ms: Array.from({ length: 999 }, (_, i) => 1 + (i % 7)),
    };
    expect(storedTrace(data, 50).columns()).toEqual(storedTrace(data, 50).columns());
    expect(storedTrace(data, 50).columns().t.length).toBeLessThanOrEqual(54);
  });
});
