import { describe, expect, it } from '@jest/globals';
import { TraceBuffer, traceCapacity } from './trace-buffer.js';

const bucket = (t: number, ms: number): [number, number, number, number, number] => [t, ms - 1, ms, ms + 1, 5];

describe('trace buffer', () => {
  it('[DASH-7] what did not arrive is a hole', () => {
    const buffer = new TraceBuffer();
    buffer.push({ block: 0, sentAtMs: 10_100, buckets: [bucket(0, 5), bucket(100, 6)] });
    buffer.push({ block: 0, sentAtMs: 10_500, buckets: [bucket(400, 7), bucket(500, 8)] });
    expect(buffer.columns()).toEqual({
      t: [0, 0.1, 0.101, 0.4, 0.5],
      low: [4, 5, null, 6, 7],
      mid: [5, 6, null, 7, 8],
      high: [6, 7, null, 8, 9],
    });
  });

  it('blocks stand one after the other by the clock of the agent', () => {
    const buffer = new TraceBuffer();
    buffer.push({ block: 0, sentAtMs: 10_000, buckets: [bucket(0, 5)] });
    buffer.push({ block: 1, sentAtMs: 12_000, buckets: [bucket(0, 6)] });
    expect(buffer.columns().t).toEqual([0, 0.001, 2]);
  });

  it('what comes twice is drawn once, and the oldest goes first', () => {
    const buffer = new TraceBuffer();
    buffer.push({ block: 0, sentAtMs: 1000, buckets: [bucket(0, 5)] });
    buffer.push({ block: 0, sentAtMs: 1000, buckets: [bucket(0, 5)] });
    expect(buffer.columns().t).toEqual([0]);
    for (let i = 1; i <= traceCapacity; i++)
      buffer.push({ block: 0, sentAtMs: 1000 + i * 100, buckets: [bucket(i * 100, 5)] });
    const { t } = buffer.columns();
    expect([t.length, t[0], buffer.version]).toEqual([traceCapacity, 0.1, traceCapacity + 2]);
  });
});
