import {
  encodeColumns,
  isLabError,
  type ObservationKind,
  type Observations,
  observationColumns,
  protocols,
} from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { unpackBits } from './item-bits.js';
import { type SummarizeInput, summarize } from './summarize.js';
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

function batches(...list: [ObservationKind, number, Record<string, ArrayLike<number>>][]): Observations[] {
  return list.map(([kind, block, values], seq) => {
    const length = Object.values(values)[0]!.length;
    const full = Object.fromEntries(
      Object.keys(observationColumns[kind]).map((name) => [
        name,
        values[name] ?? new Float64Array(length).fill(Number.NaN),
      ]),
    );
    return { runId: 'run_12345678', fence: 1, seq, kind, block, ...encodeColumns(kind, full) };
  });
}

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
});
