import { describe, expect, it } from '@jest/globals';
import { PowerBuffer } from './power-buffer.js';
import { traceCapacity } from './trace-buffer.js';

const bucket = (at: number, watts = 2): [number, number, number, number] => [at, watts - 1, watts, watts + 1];

describe('power buffer', () => {
  it('[ENERGY-16] what did not arrive is a hole, by the usual step of the source', () => {
    const fast = new PowerBuffer();
    fast.push([0, 100, 200, 800].map((at) => bucket(at)));
    expect(fast.columns()).toEqual({
      t: [0, 0.1, 0.2, 0.5, 0.8],
      low: [1, 1, 1, null, 1],
      mid: [2, 2, 2, null, 2],
      high: [3, 3, 3, null, 3],
    });
    const slow = new PowerBuffer();
    slow.push([0, 1000, 2000, 3500].map((at) => bucket(at)));
    expect(slow.columns().t).toEqual([0, 1, 2, 3.5]);
  });

  it('[ENERGY-16] what comes twice is drawn once, the oldest goes first, a new attempt begins anew', () => {
    const buffer = new PowerBuffer();
    buffer.push([bucket(0), bucket(100)]);
    buffer.push([bucket(100), bucket(200)]);
    expect([buffer.columns().t, buffer.version]).toEqual([[0, 0.1, 0.2], 2]);
    buffer.push(Array.from({ length: traceCapacity }, (_, i) => bucket(300 + i * 100)));
    expect([buffer.columns().t.length, buffer.columns().t[0]]).toEqual([traceCapacity, 0.3]);
    buffer.push([bucket(100, 9)]);
    expect(buffer.columns()).toMatchObject({ t: [0.1], mid: [9] });
    expect(new PowerBuffer().columns().t).toEqual([]);
  });
});
