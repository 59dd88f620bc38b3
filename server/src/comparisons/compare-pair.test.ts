import { type MetricId, type MetricValue, mulberry32, normal } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { packBits } from '../summaries/item-bits.js';
import { comparePair } from './compare-pair.js';
import type { ComparedPoint, JobRun } from './compared-point.js';
import { comparisonWork } from './comparison-task.js';

const drawing = { seed: 1, replicates: 1000 };

interface Given {
  readonly key: string;
  readonly runId?: string;
  /** Latencies of the processes of the run that counts. */
  readonly ms?: readonly number[];
  readonly right?: readonly boolean[];
  readonly metrics?: Partial<Record<MetricId, MetricValue>>;
  readonly runs?: readonly JobRun[];
  readonly sha256?: string;
}

const blocksOf = (ms: readonly number[]) => ms.map((value) => ({ inferences: 100, values: { latency_p50_ms: value } }));
const geometric = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

function point({
  key,
  runId = `run_${key}`,
  ms = [],
  right,
  metrics = {},
  runs = [],
  sha256 = key,
}: Given): ComparedPoint {
  const latency = ms.length > 0 && { latency_p50_ms: { value: geometric(ms), n: ms.length, unit: 'ms' } };
  const share = right && { value: right.filter(Boolean).length / right.length, n: right.length, unit: '' };
  return {
    key,
    runs,
    candidate: {
      variant: `var_${key}`,
      recipe: key,
      settings: { threads: 1, graphLevel: 'all' },
      artifact: { sha256, bytes: 1 },
      verdict: 'clean',
      runId,
      endedAt: 0,
      metrics: { ...latency, ...(share && { accuracy: share }), ...metrics },
      basis: { blocks: blocksOf(ms), items: right ? { accuracy: packBits(right) } : {} },
    },
  };
}

const run = (jobId: string, position: number, ms: readonly number[]): JobRun => ({
  runId: `run_${jobId}_${position}`,
  jobId,
  position,
  basis: { blocks: blocksOf(ms), items: {} },
});

const rights = (n: number, wrong: readonly number[]): boolean[] =>
  Array.from({ length: n }, (_, i) => !wrong.includes(i));

describe('comparePair', () => {
  it('[COMP-1] processes by themselves: twice as fast is shown, in every re-draw', () => {
    const change = comparePair(
      point({ key: 'a', ms: [10, 10.1, 9.9, 10.05, 9.95] }),
      point({ key: 'b', ms: [5, 5.1, 4.9, 5.05, 4.95] }),
      drawing,
    ).get('latency_p50_ms')!;
    expect(change).toMatchObject({ method: 'processes', shown: true, redraws: { better: 1000, worse: 0, of: 1000 } });
    expect(change.ratio!.value).toBeCloseTo(0.5, 3);
    expect(change.ratio!.low).toBeGreaterThan(0.45);
    expect(change.ratio!.high).toBeLessThan(0.55);
    expect(change.difference.value).toBeCloseTo(-5, 1);
  });

  it('[COMP-1] processes that overlap show no difference', () => {
    const change = comparePair(
      point({ key: 'a', ms: [10, 10.4, 9.6] }),
      point({ key: 'b', ms: [10.1, 10.5, 9.7] }),
      drawing,
    ).get('latency_p50_ms')!;
    expect(change.shown).toBe(false);
    expect(change.redraws!.better).toBeGreaterThan(200);
  });

  it('[COMP-2] what disturbed both in one job cancels: pairs of runs tell what processes by themselves do not', () => {
    // Slower and slower by 6 % a run; b takes 2 % less each time.
    const drift = [1, 1.06, 1.12, 1.18, 1.24];
    const ofJob = (factor: number, offset: number): JobRun[] =>
      drift.map((d, i) => run('job_1', 2 * i + offset, [10 * d * factor, 10.02 * d * factor]));
    const [a, b] = [ofJob(1, 0), ofJob(0.98, 1)];
    const last = (runs: JobRun[]): number[] => runs.at(-1)!.basis.blocks.map(({ values }) => values['latency_p50_ms']!);
    const paired = comparePair(
      point({ key: 'a', ms: last(a), runs: a }),
      point({ key: 'b', ms: last(b), runs: b }),
      drawing,
    ).get('latency_p50_ms')!;
    expect(paired).toMatchObject({ method: 'paired-runs', pairs: 5, shown: true });
    expect(paired.ratio!.value).toBeCloseTo(0.98, 6);
    const alone = comparePair(point({ key: 'a', ms: last(a) }), point({ key: 'b', ms: last(b) }), drawing).get(
      'latency_p50_ms',
    )!;
    expect(alone).toMatchObject({ method: 'processes', shown: false });
    const elsewhere = b.map((each) => ({ ...each, jobId: 'job_2' }));
    expect(
      comparePair(
        point({ key: 'a', ms: last(a), runs: a }),
        point({ key: 'b', ms: last(b), runs: elsewhere }),
        drawing,
      ).get('latency_p50_ms')!.method,
    ).toBe('processes');
  });

  it('[COMP-3] quality is compared item by item: the interval of paired shares', () => {
    // 30 lost, none won of 400: of (won + 1) / 402 and (lost + 1) / 402 Bonett and Price make [-0.1012, -0.0480].
    const lost = Array.from({ length: 30 }, (_, i) => i);
    const change = comparePair(
      point({ key: 'a', right: rights(400, [399]) }),
      point({ key: 'b', right: rights(400, [...lost, 399]) }),
      drawing,
    ).get('accuracy')!;
    expect(change).toMatchObject({ method: 'items', pairs: 400, shown: true });
    expect(change.ratio).toBeUndefined();
    expect(change.difference.value).toBeCloseTo(-0.075, 12);
    expect(change.difference.low).toBeCloseTo(-0.1012, 3);
    expect(change.difference.high).toBeCloseTo(-0.048, 3);
    expect(change.redraws).toEqual({ better: 0, worse: 1000, of: 1000 });
    // One item of 400 is not shown, although no re-draw could turn it round.
    const one = comparePair(
      point({ key: 'a', right: rights(400, []) }),
      point({ key: 'b', right: rights(400, [7]) }),
      drawing,
    ).get('accuracy')!;
    expect(one).toMatchObject({ method: 'items', shown: false, redraws: { better: 0 } });
  });

  it('[COMP-4] sizes are what they are; a single value without an interval shows nothing', () => {
    const size = (value: number): MetricValue => ({ value, n: 1, unit: 'bytes' });
    const ms = (value: number): MetricValue => ({ value, n: 1, unit: 'ms' });
    const found = comparePair(
      point({ key: 'a', metrics: { size_bytes: size(400), load_ms: ms(3) } }),
      point({ key: 'b', metrics: { size_bytes: size(100), load_ms: ms(2) } }),
      drawing,
    );
    expect(found.get('size_bytes')).toEqual({
      difference: { value: -300, low: -300, high: -300 },
      ratio: { value: 0.25, low: 0.25, high: 0.25 },
      method: 'exact',
      redraws: { better: 1000, worse: 0, of: 1000 },
      shown: true,
    });
    expect(found.get('load_ms')).toEqual({
      difference: { value: -1 },
      ratio: { value: 2 / 3 },
      method: 'single',
      shown: false,
    });
  });

  it('[COMP-4] a peak of memory differs by the peaks that are shown, as surely as its processes agree', () => {
    const peaks = (key: string, values: readonly number[]): ComparedPoint => {
      const bare = point({ key, metrics: { memory_peak_bytes: { value: Math.max(...values), n: 3, unit: 'bytes' } } });
      const blocks = values.map((value) => ({ inferences: 1, values: { memory_peak_bytes: value } }));
      return { ...bare, candidate: { ...bare.candidate, basis: { blocks, items: {} } } };
    };
    const change = comparePair(peaks('a', [5.3e6, 5.2e6, 5.36e6]), peaks('b', [4.4e6, 4.41e6, 4.3e6]), drawing).get(
      'memory_peak_bytes',
    )!;
    expect(change).toMatchObject({ method: 'processes', shown: true, difference: { value: 4.41e6 - 5.36e6 } });
    // All of the same: only what two runs of the same differ by is left.
    const near = comparePair(peaks('a', [5e6, 5e6]), peaks('b', [5.05e6, 5.05e6]), drawing).get('memory_peak_bytes')!;
    expect(near).toMatchObject({ method: 'processes', shown: false });
  });

  it('[COMP-5] a point against itself shows no difference in anything', () => {
    const a = point({ key: 'a', ms: [10, 11, 12], right: rights(40, [1, 2]) });
    const changes = [...comparePair(a, { ...a, key: 'b' }, drawing).values()];
    expect(changes.map(({ shown, difference }) => [shown, difference.value])).toEqual([
      [false, 0],
      [false, 0],
    ]);
  });

  it('[COMP-5] seen from the other side it is the same, mirrored; the same question has the same answer', () => {
    const ms = fc.array(fc.double({ min: 0.5, max: 50, noNaN: true }), { minLength: 2, maxLength: 5 });
    const right = fc.array(fc.boolean(), { minLength: 30, maxLength: 30 });
    const given = fc.record({ ms, right });
    fc.assert(
      fc.property(given, given, (one, other) => {
        const [a, b] = [point({ key: 'a', ...one }), point({ key: 'b', ...other })];
        const few = { seed: 3, replicates: 100 };
        const there = comparePair(a, b, few);
        const back = comparePair(b, a, few);
        expect(comparePair(a, b, few)).toEqual(there);
        for (const [metric, change] of there) {
          const turned = back.get(metric)!;
          expect([turned.shown, turned.method]).toEqual([change.shown, change.method]);
          expect(turned.redraws).toEqual({
            ...change.redraws,
            better: change.redraws!.worse,
            worse: change.redraws!.better,
          });
          expect(turned.difference.value).toBeCloseTo(-change.difference.value, 9);
          expect(turned.difference.low).toBeCloseTo(-change.difference.high!, 9);
          if (change.ratio) expect(turned.ratio!.high! * change.ratio.low!).toBeCloseTo(1, 9);
          expect(change.difference.low!).toBeLessThanOrEqual(change.difference.value);
          expect(change.difference.high!).toBeGreaterThanOrEqual(change.difference.value);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('[COMP-6] the 95 % interval of a ratio holds the truth about as often as it says', () => {
    const random = mulberry32(7);
    const trials = 200;
    let held = 0;
    for (let t = 0; t < trials; t++) {
      const sample = (truth: number, shift: number): number[] =>
        Array.from({ length: 5 }, () => truth * Math.exp(shift + 0.02 * normal(random)));
      // Every run is off by what runs differ by.
      const [offA, offB] = [0.015 * normal(random), 0.015 * normal(random)];
      const change = comparePair(
        point({ key: 'a', ms: sample(10, offA) }),
        point({ key: 'b', ms: sample(9.5, offB) }),
        { seed: t + 1, replicates: 400 },
      ).get('latency_p50_ms')!;
      if (change.ratio!.low! <= 0.95 && 0.95 <= change.ratio!.high!) held += 1;
    }
    expect(held / trials).toBeGreaterThan(0.92);
  });

  it('[COMP-7] several are each held against the first; what one lacks is absent', () => {
    const accuracy = rights(50, [1]);
    const found = comparisonWork({
      points: [
        point({ key: 'a', ms: [10, 10.1], right: accuracy }),
        point({ key: 'b', ms: [9, 9.1] }),
        point({ key: 'c', ms: [8, 8.1], right: accuracy }),
      ],
    });
    expect(found.map(({ metric, others }) => [metric, others.map(({ key }) => key)])).toEqual([
      ['latency_p50_ms', ['b', 'c']],
      ['accuracy', ['c']],
    ]);
    const alone = comparisonWork({
      points: [
        point({ key: 'a', ms: [10, 10.1], right: accuracy }),
        point({ key: 'c', ms: [8, 8.1], right: accuracy }),
      ],
    });
    expect(alone[0]!.others[0]).toEqual(found[0]!.others[1]);
  });
});
