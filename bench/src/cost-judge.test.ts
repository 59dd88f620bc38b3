import { encodeColumns, mulberry32, type Observations } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { judgeCost } from './cost-judge.js';
import { ratesOf } from './reading-rates.js';

const random = mulberry32(11);
const around = (centre: number, spread: number): number[] =>
  Array.from({ length: 30 }, () => centre * (1 + spread * (random() - 0.5)));
const good = { readings: 990, powerMs: 1000 };
const judged = (centre: number, spread: number, controlSpread = 0.01, rates = good) =>
  judgeCost(
    {
      compared: [1],
      control: [1, 1.01],
      ratios: around(centre, spread),
      controlRatios: around(1, controlSpread),
      rates: [rates],
    },
    [],
  ).outcome;

describe('bench of the cost of measuring', () => {
  it('[VERD-7] held against 1 % when the control tells so little apart; else nothing is said', () => {
    expect(judged(1.002, 0.01)).toBe('met');
    expect(judged(1.02, 0.01)).toBe('missed');
    expect(judged(1.009, 0.02)).toBe('missed');
    expect(judged(1.002, 0.01, 0.5)).toBe('inconclusive');
    expect(judged(1.02, 0.01, 0.5)).toBe('inconclusive');
  });

  it('[VERD-7] a measurement that does not measure costs nothing, and that is no result', () => {
    expect(judged(1, 0.01, 0.01, { readings: 400, powerMs: 1000 })).toBe('missed');
    expect(judged(1, 0.01, 0.01, { readings: 990, powerMs: 500 })).toBe('missed');
  });

  it('[VERD-7] rates are those between the first and the last that came', () => {
    const batch = (kind: Observations['kind'], values: Record<string, number[]>): Observations => ({
      ...{ runId: 'run_00000001', fence: 1, seq: 0, kind, block: 0 },
      ...encodeColumns(kind, values),
    });
    const ms = Array.from({ length: 100 }, (_, i) => 1000 + 10 * i);
    const zeros = ms.map(() => 0);
    const reading = batch('reading', { sensor: zeros, before_ms: ms, after_ms: ms.map((t) => t + 10), value: zeros });
    // Half of the time no interval was there.
    const power = batch('power', {
      sensor: zeros,
      start_ms: ms,
      end_ms: ms.map((t) => t + 5),
      ...{ mean_w: zeros, min_w: zeros, max_w: zeros },
    });
    const rates = ratesOf([reading, power]);
    expect(rates.readings).toBeCloseTo(100, 9);
    expect(rates.powerMs).toBeCloseTo(500 / 0.995, 6);
    expect(ratesOf([])).toEqual({ readings: 0, powerMs: 0 });
  });
});
