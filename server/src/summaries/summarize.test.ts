import { isLabError, type ObservationKind, type Observations, protocols, type Sensor } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { unpackBits } from './item-bits.js';
import { type SummarizeInput, summarize } from './summarize.js';
import { batch } from './testing/batches.js';
import { verdictOf } from './verdict.js';

const quiet = {
  wall_ms: 1000,
  run_ns: 1e9,
  wait_ns: 1e6,
  psi_cpu_some_us: 1000,
  steal_ticks: 0,
  total_ticks: 200,
  swap_in_pages: 0,
};

const batches = (...list: [ObservationKind, number, Record<string, ArrayLike<number>>][]): Observations[] =>
  list.map(([kind, block, values], seq) => batch(kind, block, values, seq));

const block = (n: number, ms: number, peak: number, counters: Record<string, number> = quiet): Observations[] =>
  batches(
    [
      'process',
      n,
      {
        load_ms: [10],
        first_inference_ms: [2],
        measured_ms: [ms * 300],
        rss_baseline_bytes: [50e6],
        peak_load_bytes: [60e6],
        peak_bytes: [peak],
      },
    ],
    ['latency', n, { latency_ms: Float64Array.from({ length: 300 }, (_, i) => ms * (1 + (i % 10) / 1000)) }],
    ['evidence', n, Object.fromEntries(Object.entries(counters).map(([k, v]) => [k, [v]]))],
  );

const input = (list: Observations[]): SummarizeInput => ({
  batches: list,
  protocol: protocols.quick,
  deviceType: 'box/onnxruntime',
  labelled: true,
  artifactMetrics: { size_bytes: { value: 100, n: 1, unit: 'bytes' } },
});

describe('summarize', () => {
  it('[ENERGY-3] [ENERGY-4] energy is in the metrics with all that it is not known by; its scope, and a simulation, are in the key', () => {
    const metered = (over: Partial<Sensor>) => {
      const at = [0, 1000, 2000];
      const moments = at.map((from, n) =>
        batches(['mark', n, { mark: [4, 5], at_ms: [from + 100, from + 700], clock_ms: [0, 0] }]),
      );
      const power = batches([
        'power',
        0,
        {
          sensor: [0, 0, 0],
          start_ms: at,
          end_ms: at.map((ms) => ms + 1000),
          mean_w: [1, 1, 1],
          min_w: [1, 1, 1],
          max_w: [1, 1, 1],
        },
      ]);
      const meter = {
        id: 'ppk2/1',
        driver: 'ppk2',
        quantity: 'power',
        scope: 'dut-vdd',
        kind: 'averaged',
        total: true,
      } as const;
      return summarize({
        ...input([...block(0, 2, 80e6), ...block(1, 2, 80e6), ...block(2, 2, 80e6), ...moments.flat(), ...power]),
        sensors: [{ ...meter, ...over }],
      });
    };
    const exact = metered({});
    // 0.6 J over 300 inferences.
    expect(exact.metrics.energy_mj).toMatchObject({ value: expect.closeTo(2, 9), n: 3, unit: 'mJ' });
    expect(exact.metrics.energy_net_mj).toBeUndefined();
    expect(exact.basis.blocks.map(({ values }) => values['energy_mj'])).toEqual(
      [2, 2, 2].map((v) => expect.closeTo(v, 9)),
    );
    const poor = metered({ uncertainty: { gain: 0.8, offset: 0, source: 'a guess' }, simulated: true });
    const { low, high } = poor.metrics.energy_mj!;
    expect([low! > 0, low! < exact.metrics.energy_mj!.low!, high! > exact.metrics.energy_mj!.high!]).toEqual([
      true,
      true,
      true,
    ]);
    const base = 'quick | single-stream | box/onnxruntime | host';
    const none = summarize({ ...input(block(0, 2, 80e6)), sensors: [] });
    expect([none.key, exact.key, poor.key]).toEqual([base, `${base} | dut-vdd`, `${base} | simulated dut-vdd`]);
    expect([none.metrics.energy_mj, none.metrics.power_mean_w, none.energy]).toEqual([undefined, undefined, undefined]);
  });

  const three = [...block(0, 1, 70e6), ...block(1, 1.1, 72e6), ...block(2, 0.9, 71e6)];

  it('[SUM-4] latency: n is the number of processes, p99 only from 662 observations', () => {
    const { metrics } = summarize(input(three));
    expect(metrics.latency_p50_ms).toEqual({
      value: expect.closeTo(1.0007, 2),
      low: expect.any(Number),
      high: expect.any(Number),
      n: 3,
      unit: 'ms',
    });
    expect(metrics.latency_p50_ms!.low!).toBeLessThan(0.9);
    expect(metrics.latency_p99_ms!.n).toBe(900);
    expect(summarize(input(block(0, 1, 70e6))).metrics.latency_p99_ms).toBeUndefined();
    expect(metrics.latency_p90_bound_ms).toBeUndefined();
    expect(metrics.size_bytes!.value).toBe(100);
  });
  it('[RT-16] throughput counts the items of a batch, latency the inference', () => {
    const [one, eight] = [summarize(input(three)), summarize({ ...input(three), batch: 8 })];
    expect(eight.metrics.throughput_ips!.value).toBeCloseTo(8 * one.metrics.throughput_ips!.value, 9);
    expect(eight.metrics.latency_p50_ms).toEqual(one.metrics.latency_p50_ms);
  });
  it('[SUM-5] memory is above the null model of the same process; the largest of the processes', () => {
    const { metrics } = summarize(input(three));
    expect(metrics.memory_peak_bytes).toEqual({ value: 22e6, low: 20e6, high: 22e6, n: 3, unit: 'bytes' });
    expect(metrics.memory_process_peak_bytes!.value).toBe(72e6);
    expect(metrics.memory_load_peak_bytes!.value).toBe(10e6);
  });
  it('[SUM-6] quality: accuracy from labels, agreement with fp32 where it ran, kept by item', () => {
    const items = batches(
      ['item', 0, { item: [0, 1], predicted: [3, 4], correct: [1, 0] }],
      ['item', 0, { item: [2, 3], predicted: [5, 6], correct: [1, 1] }],
    );
    const { metrics, basis, predicted } = summarize({
      ...input([...three, ...items]),
      reference: Int32Array.from([3, 4, 5, 7]),
    });
    expect([metrics.accuracy!.value, metrics.accuracy!.n, metrics.agreement!.value]).toEqual([0.75, 4, 0.75]);
    expect([...unpackBits(basis.items.accuracy!)]).toEqual([1, 0, 1, 1]);
    expect([...predicted!]).toEqual([3, 4, 5, 6]);
  });
  it('[SUM-6] an evaluation with a hole is refused', () => {
    const items = batches(['item', 0, { item: [0, 5], predicted: [3, 4], correct: [1, 0] }]);
    expect(() => summarize(input([...three, ...items]))).toThrow(expect.objectContaining({ code: 'journal.gap' }));
  });
  it('[SUM-7] nothing measured is no summary', () => {
    try {
      summarize(input([]));
    } catch (error) {
      expect(isLabError(error, 'summary.no-observations')).toBe(true);
    }
    expect.assertions(1);
  });
});

describe('verdict', () => {
  const latencies = Float64Array.from({ length: 90 }, () => 1);
  it('[SUM-8] clean only with evidence', () => {
    expect(verdictOf([{ block: 0, counters: quiet, latencies }]).verdict).toBe('clean');
    expect(verdictOf([{ block: 0, counters: {}, latencies }])).toEqual(
      expect.objectContaining({
        verdict: 'disturbed',
        reasons: ['no scheduler statistics', 'no PSI and no steal time'],
      }),
    );
    expect(verdictOf([]).verdict).toBe('disturbed');
  });
  it('[SUM-9] contention, spread and drift disturb; swapping voids', () => {
    const hit = (counters: Record<string, number>): string =>
      verdictOf([{ block: 0, counters: { ...quiet, ...counters }, latencies }]).verdict;
    expect([
      hit({ wait_ns: 2e7 }),
      hit({ psi_cpu_some_us: 30_000 }),
      hit({ steal_ticks: 5 }),
      hit({ swap_in_pages: 1 }),
      hit({ throttle_count: 1 }),
    ]).toEqual(['disturbed', 'disturbed', 'disturbed', 'invalid', 'invalid']);
    // MLPerf Tiny v0.5, Raspberry Pi 4, keyword spotting: five laps, the last two disturbed (seconds).
    const laps = Float64Array.from(
      [9.81, 9.75, 9.83, 24.52, 20.72].flatMap((v) => Array.from({ length: 20 }, () => v)),
    );
    const items = verdictOf([{ block: 0, counters: quiet, latencies: laps }]).evidence;
    expect(items.filter((e) => e.level === 'hard').map((e) => e.signal)).toEqual(['latency.spread', 'latency.drift']);
  });
  it('[SUM-13] what a block hides, its neighbours show: the public trials of a Raspberry Pi 4 are called right', () => {
    // MLPerf Tiny v0.5, seconds for 25,000 (keywords) and 100,000 (anomalies) inferences: heat in the last two of five.
    const trials = (laps: number[]) =>
      verdictOf(laps.map((lap, block) => ({ block, counters: quiet, latencies: new Float64Array(90).fill(lap) })));
    const between = (laps: number[]) =>
      trials(laps).evidence.find(({ signal }) => signal === 'latency.between_blocks')!.level;
    expect(between([9.81, 9.75, 9.83, 24.52, 20.72])).toBe('hard');
    expect(between([17.58, 18.43, 19.21, 28.91, 27.8])).toBe('hard');
    expect(between([17.58, 18.43, 19.21])).toBe('soft');
    expect(trials([9.81, 9.75, 9.83])).toMatchObject({ verdict: 'clean', reasons: [] });
  });
  it('[SUM-14] two modes are told and not held against a run', () => {
    const modes = Float64Array.from({ length: 100 }, (_, i) => (i % 10 < 9 ? 1 : 1.09) + i * 1e-5);
    const one = Float64Array.from({ length: 100 }, (_, i) => 1 + i * 1e-3);
    const told = (latencies: Float64Array) =>
      verdictOf([{ block: 0, counters: quiet, latencies }]).evidence.find((e) => e.signal === 'latency.modes_gap');
    expect(told(modes)).toMatchObject({ value: expect.closeTo(0.09, 2), level: 'ok' });
    expect(told(one)).toBeUndefined();
  });
});
