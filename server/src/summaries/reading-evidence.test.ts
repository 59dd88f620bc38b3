import { type Observations, type Sensor } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { readingEvidence } from './reading-evidence.js';
import { batch, marked } from './testing/batches.js';
import { verdictOf } from './verdict.js';

const sensor = (over: Partial<Sensor>): Sensor => ({
  id: 'thermal-zone/cpu',
  driver: 'thermal-zone',
  quantity: 'temperature',
  scope: 'package',
  kind: 'sampled',
  ...over,
});
/** Loops of 1000 ms, 1000 ms apart, from 1000 ms on. */
const loops = (count: number): Observations[] =>
  Array.from({ length: count }, (_, block) =>
    marked(block, [
      ['loop-start', 1000 + 2000 * block],
      ['loop-end', 2000 + 2000 * block],
    ]),
  );
/** Each sensor read every 100 ms for 6 s. */
const readings = (...values: Array<(atMs: number) => number>): Observations => {
  const rounds = Array.from({ length: 61 }, (_, i) => i * 100).flatMap((at) =>
    values.map((value, place) => [place, at, at, value(at)]),
  );
  const column = (i: number) => rounds.map((row) => row[i]!);
  return batch('reading', 0, { sensor: column(0), before_ms: column(1), after_ms: column(2), value: column(3) });
};
const quiet = { wall_ms: 1000, run_ns: 1e9, wait_ns: 0, psi_cpu_some_us: 0, steal_ticks: 0, total_ticks: 100 };
const verdict = (batches: Observations[], sensors: Sensor[]) =>
  verdictOf(
    [0, 1].map((block) => ({ block, counters: quiet, latencies: new Float64Array(90).fill(1) })),
    readingEvidence(batches, sensors),
  );

describe('evidence of sensors', () => {
  it('[SUM-10] heat near a passive trip point disturbs, also outside of the last block', () => {
    const zone = sensor({ limit: 80 });
    const at = (celsius: number) => verdict([...loops(2), readings((ms) => (ms < 3000 ? celsius : 60))], [zone]);
    expect(at(70).verdict).toBe('clean');
    expect(at(77).reasons).toEqual(['temperature_over_trip_k -3.00 over -5']);
    expect(at(80).evidence.find((e) => e.level === 'hard')).toMatchObject({
      signal: 'temperature_over_trip_k',
      value: 0,
      block: 0,
    });
    // Without a trip point nobody knows what is too hot.
    expect(verdict([...loops(2), readings(() => 99)], [sensor({})]).verdict).toBe('clean');
  });

  it('[SUM-11] a clock that drops under load disturbs; of an idle core it says nothing', () => {
    const policies = [0, 4].map((n) => sensor({ id: `cpufreq/policy${n}`, driver: 'cpufreq', quantity: 'frequency' }));
    const busy = (ms: number) => (ms >= 1000 && ms <= 2000) || (ms >= 3000 && ms <= 4000);
    const run = (second: number) =>
      verdict(
        [
          ...loops(2),
          readings(
            (ms) => (busy(ms) ? (ms < 2500 ? 2e9 : second) : 6e8),
            () => 8e8,
          ),
        ],
        policies,
      );
    expect(run(2e9).verdict).toBe('clean');
    expect(run(1.93e9).evidence.find((e) => e.level === 'soft')).toMatchObject({ signal: 'frequency_drop', block: 1 });
    expect(run(1.5e9).evidence.find((e) => e.level === 'hard')).toMatchObject({ signal: 'frequency_drop', block: 1 });
  });

  it('[SUM-12] throttling by any counter, bit or cap of a clock voids; what was before the run does not', () => {
    const throttled = (over: Partial<Sensor>, value: (ms: number) => number) =>
      verdict([...loops(2), readings(value)], [sensor({ quantity: 'state', ...over })]).verdict;
    const bits = { id: 'rpi-throttled/bits', driver: 'rpi-throttled' } as const;
    expect([
      throttled(bits, () => 0x50000),
      throttled(bits, (ms) => (ms > 1500 ? 0x50005 : 0)),
      throttled(bits, (ms) => (ms > 1500 ? 0x40000 : 0)),
      throttled({ driver: 'soctherm', quantity: 'count' }, () => 7),
      throttled({ driver: 'soctherm', quantity: 'count' }, (ms) => (ms > 3500 ? 8 : 7)),
      throttled({ driver: 'cooling-device', label: 'cpufreq-cpu0' }, (ms) => (ms > 3500 ? 2 : 0)),
      throttled({ driver: 'cooling-device', label: 'pwm-fan' }, (ms) => (ms > 3500 ? 2 : 0)),
    ]).toEqual(['clean', 'invalid', 'invalid', 'clean', 'invalid', 'invalid', 'clean']);
  });
});
