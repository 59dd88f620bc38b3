import type { Pulse } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { sparkPath, sparksOf } from './spark.js';

const pulse = (atMs: number, more: Partial<Pulse>): Pulse => ({ deviceId: 'dev_1', atMs, ...more });

describe('sparks of a card', () => {
  it('[LABP-2] a quantity that was not measured is not there, and never 0', () => {
    const past = [pulse(0, { latencyMs: 5 }), pulse(500, { latencyMs: 6, temperatureC: 50 })];
    expect(sparksOf(past, pulse(900, { temperatureC: 51 }))).toEqual([
      {
        key: 'latencyMs',
        points: [
          [0, 5],
          [500, 6],
        ],
        newest: 6,
      },
      {
        key: 'temperatureC',
        points: [
          [500, 50],
          [900, 51],
        ],
        newest: 51,
      },
    ]);
    expect(sparksOf([], undefined)).toEqual([]);
  });

  it('[LABP-2] time goes with the clock; what did not arrive is a hole', () => {
    const box = { width: 100, height: 22, nowMs: 60_000, spanMs: 60_000 };
    expect(
      sparkPath(
        [
          [-1, 9],
          [0, 1],
          [6000, 3],
          [30_000, 2],
        ],
        box,
      ),
    ).toBe('M0.0 21.0L10.0 1.0M50.0 11.0');
    expect(sparkPath([[60_000, 7]], box)).toBe('M100.0 11.0');
    expect(sparkPath([], box)).toBe('');
  });
});
