import { evaluationOrder, type Observations, protocols, type TicksKind } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { boardArtifactMetrics, boardVerdict, overLoops } from './board.js';
import { unpackBits } from './item-bits.js';
import { qualityOf } from './quality.js';
import { summarize } from './summarize.js';
import { batch } from './testing/batches.js';

/** A loop of five inferences at 1 MHz: ticks are microseconds. */
const loop = (block: number, ticks: readonly number[], kind: TicksKind | undefined = 'systick'): Observations[] => [
  ...(kind === 'instructions' ? [] : [batch('latency', block, { latency_ms: ticks.map((t) => t / 1000) })]),
  ...(kind ? [batch('ticks', block, { ticks })] : []),
  batch('process', block, { measured_ms: [ticks.reduce((a, b) => a + b, 0) / 1000] }),
  batch('board', block, { hz: [1e6], arena_bytes: [4096], plan_bytes: [900] }),
];
const run = (batches: Observations[], kind: TicksKind | undefined = 'systick') =>
  summarize({
    batches,
    protocol: protocols.quick,
    deviceType: 'pico',
    labelled: true,
    artifactMetrics: { size_bytes: { value: 900, n: 1, unit: 'bytes' } },
    board: { ...(kind && { ticks: kind }) },
  });
const equal = [7000, 7000, 7000, 7000, 7000];

describe('summaries of microcontrollers', () => {
  it('[MCU-44] cycles are the median of the loops, exact where every count is the same', () => {
    const { metrics, verdict, basis, key } = run([0, 1, 2].flatMap((block) => loop(block, equal)));
    const exact = (value: number, unit: string) => ({ value, low: value, high: value, n: 3, unit });
    expect(metrics).toMatchObject({
      cycles: exact(7000, ''),
      latency_p50_ms: exact(7, 'ms'),
      throughput_ips: { value: expect.closeTo(1000 / 7, 9) },
      arena_bytes: exact(4096, 'bytes'),
      size_bytes: { value: 900 },
    });
    expect(Object.keys(metrics)).not.toContain('memory_peak_bytes');
    expect([verdict.verdict, verdict.evidence[0]!.signal, basis.betweenRuns, key]).toEqual([
      'clean',
      'ticks.spread',
      0,
      'quick | single-stream | pico | board',
    ]);
  });

  it('[MCU-86] loops that were timed as a whole: a latency and a throughput each, by all of its inferences, and no size', () => {
    const whole = (block: number, inferences: number, us: number): Observations[] => [
      batch('latency', block, { latency_ms: [us / inferences / 1000] }),
      batch('process', block, { measured_ms: [us / 1000] }),
      batch('loop', block, { inferences: [inferences], loop_us: [us] }),
    ];
    const summary = (times: readonly number[]) =>
      summarize({
        batches: times.flatMap((us, block) => whole(block, 40, us)),
        protocol: protocols.quick,
        deviceType: 'tiny',
        labelled: true,
        artifactMetrics: {},
        board: {},
      });
    const { metrics, verdict, basis } = summary([400_000, 400_400, 400_200]);
    expect(metrics.latency_p50_ms).toMatchObject({ value: expect.closeTo(10.005, 9), n: 3, unit: 'ms' });
    expect(metrics.throughput_ips!.value).toBeCloseTo(1000 / 10.005, 9);
    expect(Object.keys(metrics).sort()).toEqual(['latency_mean_ms', 'latency_p50_ms', 'throughput_ips']);
    expect(basis.blocks.map(({ inferences }) => inferences)).toEqual([40, 40, 40]);
    expect([verdict.verdict, verdict.evidence[0]!.signal]).toEqual(['clean', 'loops.spread']);
    expect(summary([400_000, 410_000, 400_200]).verdict.verdict).toBe('disturbed');
  });

  it('[MCU-44] counted instructions are no time', () => {
    const { metrics, basis } = run(
      [0, 1, 2].flatMap((block) => loop(block, equal, 'instructions')),
      'instructions',
    );
    expect(metrics.instructions).toMatchObject({ value: 7000, n: 3 });
    expect([metrics.cycles, metrics.latency_p50_ms, metrics.throughput_ips?.value]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(basis.blocks.map((block) => block.inferences)).toEqual([5, 5, 5]);
  });

  it('[MCU-44] MLPerf Tiny: the median of five loops, whatever one of them is', () => {
    expect(overLoops([10, 11, 10, 10, 90])).toMatchObject({ value: 10, n: 5 });
    expect(overLoops([10, 11, 10, 10, 90])!.high).toBeGreaterThan(11);
    expect(overLoops([10])).toEqual({ value: 10, n: 1 });
    expect(overLoops([])).toBeUndefined();
  });

  it('[MCU-45] the spread of the ticks is the evidence: 0.1 % soft, 1 % hard; without ticks three loops must agree', () => {
    const verdict = (ticks: number[][], latencies: number[][] = ticks) =>
      boardVerdict(latencies.map((list, i) => ({ block: i, ticks: ticks[i] ?? [], latencies: list })));
    const levels = [
      [10_000, 10_005],
      [10_000, 10_050],
      [10_000, 10_500],
    ].map((ticks) => verdict([ticks]));
    expect(levels.map((v) => [v.verdict, v.evidence[0]!.level])).toEqual([
      ['clean', 'ok'],
      ['disturbed', 'soft'],
      ['disturbed', 'hard'],
    ]);
    const times = (...loops: number[]) =>
      verdict(
        [],
        loops.map((ms) => [ms]),
      ).verdict;
    expect([times(10, 10.05, 10), times(10, 10.05), times(10, 10.3, 10)]).toEqual(['clean', 'disturbed', 'disturbed']);
  });

  it('[MCU-45] a subset of the items says which: the beginning of one fixed order, with its own n', () => {
    const order = [...evaluationOrder(100, 8)];
    const said = batch('evaluation', 0, { items_total: [100], items_planned: [8] });
    const items = batch('item', 0, { item: order, predicted: order, correct: order.map((item) => Number(item < 50)) });
    const { metrics, basis, predicted } = run([...loop(0, equal), said, items]);
    const right = order.map((item) => Number(item < 50));
    expect(metrics.accuracy).toMatchObject({ value: right.filter(Boolean).length / 8, n: 8 });
    expect([basis.items.accuracy!.of, [...unpackBits(basis.items.accuracy!)]]).toEqual([100, right]);
    expect([predicted!.length, predicted![order[0]!], [...predicted!].filter((p) => p === -2).length]).toEqual([
      100,
      order[0],
      92,
    ]);
    // In any order, against fp32 on all items.
    const turned = batch('item', 0, { item: [...order].reverse(), predicted: [...order].reverse(), correct: right });
    const reference = Int32Array.from({ length: 100 }, (_, i) => i);
    expect(qualityOf([said, turned], { labelled: false, reference }).right['agreement']).toEqual(order.map(() => true));
    expect(qualityOf([said, turned], { labelled: false, reference: reference.subarray(0, 9) }).right).toEqual({});
  });

  it('[MCU-45] [SUM-6] a subset with a hole, or of other items, is refused', () => {
    const order = [...evaluationOrder(100, 8)];
    const said = batch('evaluation', 0, { items_total: [100], items_planned: [8] });
    const of = (items: number[]) => batch('item', 0, { item: items, predicted: items, correct: items });
    const foreign = Array.from({ length: 100 }, (_, i) => i).find((item) => !order.includes(item))!;
    for (const items of [
      order.slice(1),
      [foreign, ...order.slice(1)],
      [...order.slice(1), order[1]!],
      [100, ...order.slice(1)],
    ])
      expect(() => qualityOf([said, of(items)], { labelled: true })).toThrow(
        expect.objectContaining({ code: 'journal.gap' }),
      );
  });

  it('[MCU-44] what is stored on a board is its plan, not the file it was made from', () => {
    const value = (n: number) => ({ value: n, n: 1, unit: '' });
    const known = { size_bytes: value(5000), size_compressed_bytes: value(2000), macs: value(7), parameters: value(3) };
    const plan = { sha256: 'a'.repeat(64), bytes: 900, arenaBytes: 4096, macs: 6 };
    const { parameters, size_bytes, macs, arena_bytes, ...rest } = boardArtifactMetrics(known, 900, plan);
    expect([parameters!.value, size_bytes!.value, macs!.value, arena_bytes!.value, rest]).toEqual([
      3,
      900,
      6,
      4096,
      {},
    ]);
    expect(boardArtifactMetrics(known, 900, null).arena_bytes).toBeUndefined();
  });
});
