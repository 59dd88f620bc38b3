import { decodeColumn, type Observations, protocolOf } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import type { RuntimeDriver } from '../runtimes/runtime.js';
import { measure, type Progress } from './measure.js';
import type { BlockRule } from './stop-rule.js';

const subject = {
  artifact: { path: '/none', sha256: 'a'.repeat(64), bytes: 1 },
  settings: { threads: 1, graphLevel: 'all' as const },
  inputs: [],
  outputs: [],
  timeoutMs: 1000,
};
const process = {
  load_ms: 3,
  first_inference_ms: 2,
  measured_ms: 400,
  rss_baseline_bytes: 50e6,
  peak_load_bytes: 60e6,
  peak_bytes: 70e6,
};
const evidence = {
  wall_ms: 400,
  run_ns: 4e8,
  wait_ns: 1e5,
  psi_cpu_some_us: 10,
  steal_ticks: 0,
  total_ticks: 80,
  involuntary_switches: 1,
  major_faults: 0,
  swap_in_pages: 0,
  throttle_count: Number.NaN,
  temperature_start_c: 40,
  temperature_end_c: 41,
  frequency_khz: Number.NaN,
};

/** A runtime that answers with so many inferences a block, without any process. */
function driver(inferences: number, rules: BlockRule[] = []): RuntimeDriver {
  return {
    name: 'onnxruntime',
    describe: async () => undefined,
    caps: () => 'none',
    memoryLimitBytes: () => undefined,
    block: async (_subject, _warmUp, rule, listener, signal) => {
      signal.throwIfAborted();
      rules.push(rule);
      listener.onPhase?.('loading');
      listener.onWarmUp?.(Float64Array.of(5, 4));
      listener.onLatency?.(new Float64Array(inferences).fill(0.5));
      return { process, evidence };
    },
    evaluate: async (_subject, items, onItems) => {
      const numbers = Array.from({ length: items }, (_, i) => i);
      onItems({ item: numbers, predicted: numbers.map((i) => i % 10), correct: numbers.map((i) => i % 2) });
    },
  };
}

async function run(inferences: number, items: number | undefined, over = {}) {
  const batches: Observations[] = [];
  const progress: Progress[] = [];
  const rules: BlockRule[] = [];
  const count = await measure(
    {
      runId: 'run_12345678',
      fence: 3,
      protocol: { ...protocolOf('quick'), ...over },
      subject,
      ...(items !== undefined && { items }),
    },
    driver(inferences, rules),
    {
      onObservations: (batch) => batches.push(batch),
      onProgress: (p) => progress.push(p),
    },
    new AbortController().signal,
  );
  return { batches, progress, count, rules };
}

describe('measure', () => {
  it('[MEAS-14] keeps every observation of every block, in batches numbered without a gap', async () => {
    const { batches, count } = await run(5000, 5);
    expect(batches.map((b) => [b.seq, b.kind, b.block, b.rows])).toEqual([
      ...[0, 1, 2].flatMap((block) =>
        [
          ['latency', 4096],
          ['warm-up', 2],
          ['latency', 904],
          ['process', 1],
          ['evidence', 1],
        ].map(([kind, rows], i) => [block * 5 + i, kind, block, rows]),
      ),
      [15, 'item', 0, 5],
    ]);
    expect(count).toBe(16);
    expect(decodeColumn(batches[3]!, 'peak_bytes')).toEqual(Float64Array.of(70e6));
    expect(decodeColumn(batches[4]!, 'frequency_khz')).toEqual(Float64Array.of(Number.NaN));
    expect(decodeColumn(batches[15]!, 'correct')).toEqual(Float64Array.of(0, 1, 0, 1, 0));
  });

  it('[MEAS-14] evaluates all items, or as many as the protocol says; none without data', async () => {
    const items = async (n: number | undefined, over = {}) =>
      (await run(10, n, over)).batches.filter((b) => b.kind === 'item').map((b) => b.rows);
    expect(await items(9000)).toEqual([4096, 4096, 808]);
    expect(await items(9000, { evaluationItems: 64 })).toEqual([64]);
    expect(await items(undefined)).toEqual([]);
  });

  it('[MEAS-13] its progress never goes back and ends at 1', async () => {
    const { progress } = await run(100, 100);
    const fractions = progress.map((p) => p.fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect([fractions[0], fractions.at(-1), progress.at(-1)!.phase]).toEqual([0, 1, 'evaluating']);
  });

  it('[MEAS-11] hands early stopping to the last block', async () => {
    const { rules } = await run(20, undefined, {
      earlyStopping: { percentile: 0.9, confidence: 0.99 },
      blockMinInferences: 5,
    });
    expect(rules.map((r) => r.minInferences)).toEqual([5, 5, 24]);
  });

  it('ends with the reason of an abort', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(
      measure(
        { runId: 'run_12345678', fence: 1, protocol: protocolOf('quick'), subject },
        driver(1),
        { onObservations: () => undefined, onProgress: () => undefined },
        signal,
      ),
    ).rejects.toThrow('enough');
  });
});
