import { decodeColumn, marks, type Observations, protocolOf, type Sensor } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import type { RuntimeDriver } from '../runtimes/runtime.js';
import { type Moment, Recorder } from '../sensors/recorder.js';
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

describe('measure with what is read beside it', () => {
  const sensor: Sensor = {
    id: 'zone',
    driver: 'thermal-zone',
    quantity: 'temperature',
    scope: 'package',
    kind: 'sampled',
  };
  const supply: Sensor = { ...sensor, id: 'VDD_IN', driver: 'ina3221', quantity: 'power', total: true };

  function recorded(sensors: Sensor[], over: { fails?: 'start' | 'block'; signal?: AbortSignal } = {}) {
    const events: string[] = [];
    const rules: BlockRule[] = [];
    const batches: Observations[] = [];
    const recorder = new Recorder({
      sampler: {
        sensors,
        start: async (onReading) => {
          events.push('start');
          onReading(0, 1, 2, 45);
          if (over.fails === 'start') throw new Error('no first reading');
        },
        stop: async () => {
          events.push('stop');
        },
      },
      meters: [],
    });
    const plain = driver(5, rules);
    let block = 0;
    const running = measure(
      { runId: 'run_12345678', fence: 1, protocol: protocolOf('quick'), subject, recorder, items: 4 },
      {
        ...plain,
        block: async (...args) => {
          events.push('block');
          if (over.fails === 'block' && block === 1) throw new Error('it broke');
          const at = 1000 * block++;
          const moments: Moment[] = [
            { mark: 'loop-start', atMs: at + 1, clockMs: 0.5 },
            { mark: 'loop-end', atMs: at + 500 },
          ];
          return { ...(await plain.block(...args)), moments };
        },
        evaluate: async (...args) => {
          events.push('evaluate');
          return plain.evaluate(...args);
        },
      },
      { onObservations: (batch) => batches.push(batch), onProgress: () => undefined },
      over.signal ?? new AbortController().signal,
    );
    return { running, events, rules, batches };
  }

  it('[ENERGY-6] records from before the first block to after the last, marks in the block they are of', async () => {
    const { running, events, batches } = recorded([sensor]);
    const count = await running;
    expect(events).toEqual(['start', 'block', 'block', 'block', 'stop', 'evaluate']);
    const noted = batches.filter(({ kind }) => kind === 'mark');
    expect(noted.map(({ block }) => block)).toEqual([0, 1, 2]);
    expect(noted.map((batch) => [...decodeColumn(batch, 'at_ms')])).toEqual([
      [1, 500],
      [1001, 1500],
      [2001, 2500],
    ]);
    expect([...decodeColumn(noted[0]!, 'mark')]).toEqual([marks['loop-start'], marks['loop-end']]);
    expect([...decodeColumn(noted[0]!, 'clock_ms')]).toEqual([0.5, 0]);
    expect(batches.filter(({ kind }) => kind === 'reading').map((b) => [...decodeColumn(b, 'value')])).toEqual([[45]]);
    expect(batches.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  it('[ENERGY-9] waits for idle power before the first loop and after the last, only where power is read', async () => {
    const waits = async (sensors: Sensor[]) => {
      const { running, rules } = recorded(sensors);
      await running;
      return rules.map(({ idleBeforeMs, idleAfterMs }) => [idleBeforeMs, idleAfterMs]);
    };
    const none = [undefined, undefined];
    expect(await waits([supply])).toEqual([[1000, undefined], none, [undefined, 1000]]);
    expect(await waits([sensor])).toEqual([none, none, none]);
  });

  it('[ENERGY-8] what was started is stopped after a failure, a cancellation, and a start that fails', async () => {
    for (const [over, reason, started] of [
      [{ fails: 'block' }, 'it broke', ['start', 'block', 'block', 'stop']],
      [{ fails: 'start' }, 'no first reading', ['start', 'stop']],
      [{ signal: AbortSignal.abort(new Error('enough')) }, 'enough', ['start', 'block', 'stop']],
    ] as const) {
      const { running, events, batches } = recorded([sensor], over);
      await expect(running).rejects.toThrow(reason);
      expect(events).toEqual(started);
      // What was read until then is kept: it may be the explanation.
      expect(batches.some(({ kind }) => kind === 'reading')).toBe(true);
    }
  });
});
