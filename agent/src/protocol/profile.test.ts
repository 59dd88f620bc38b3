import { decodeColumn, decodeProfile, type LayerProfile, type Observations, protocolOf } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import type { RuntimeDriver } from '../runtimes/runtime.js';
import { measure } from './measure.js';
import { profileParts, worthProfiling } from './profile.js';

const layers: LayerProfile[] = [{ name: 'conv', op: 'Conv', provider: 'cpu', meanMs: 0.5, inferences: 40 }];

/** A run with a runtime that profiles like this; what was observed, and in which order the runtime was asked. */
async function run(profile: () => Promise<LayerProfile[]>, signal = new AbortController().signal) {
  const batches: Observations[] = [];
  const asked: string[] = [];
  const unprofiled: unknown[] = [];
  const driver: RuntimeDriver = {
    name: 'onnxruntime',
    describe: async () => undefined,
    caps: () => 'none',
    memoryLimitBytes: () => undefined,
    block: async () => {
      asked.push('block');
      const process = { load_ms: 3, first_inference_ms: 2, measured_ms: 4, rss_baseline_bytes: 1, peak_bytes: 2 };
      return { process: { ...process, peak_load_bytes: 2 } };
    },
    evaluate: async () => void asked.push('evaluate'),
    profile: () => {
      asked.push('profile');
      return profile();
    },
  };
  const subject = {
    artifact: { path: '/none', sha256: 'a'.repeat(64), bytes: 1 },
    settings: { threads: 1, graphLevel: 'all' as const },
    inputs: [],
    outputs: [],
    timeoutMs: 1000,
  };
  await measure(
    { runId: 'run_12345678', fence: 1, protocol: { ...protocolOf('standard'), blocks: 2 }, subject, items: 4 },
    driver,
    {
      onObservations: (batch) => batches.push(batch),
      onProgress: () => undefined,
      onUnprofiled: (error) => unprofiled.push(error),
    },
    signal,
  );
  return { batches, asked, unprofiled };
}

describe('profile of a run', () => {
  it('[PROF-2] is made once, after everything that is measured, in a process of its own', async () => {
    const { batches, asked } = await run(async () => layers);
    expect(asked).toEqual(['block', 'block', 'evaluate', 'profile']);
    const last = batches.at(-1)!;
    expect(last.kind).toBe('profile');
    expect(decodeProfile(Uint8Array.from(decodeColumn(last, 'byte')))).toEqual(layers);
    expect(batches.filter(({ kind }) => kind === 'profile')).toHaveLength(1);
  });

  it('[PROF-3] that fails, or has no layer, costs the run nothing', async () => {
    for (const [profile, reasons] of [
      [() => Promise.reject(new Error('no')), ['Error: no']],
      [async () => [], []],
    ] as const) {
      const { batches, unprofiled } = await run(profile);
      expect(batches.map(({ kind }) => kind)).toEqual(['process', 'process']);
      expect(unprofiled.map(String)).toEqual(reasons);
    }
  });

  it('[PROF-3] an abort meanwhile ends the run all the same', async () => {
    const abort = new AbortController();
    const aborted = run(async () => {
      abort.abort(new Error('enough'));
      return layers;
    }, abort.signal);
    await expect(aborted).rejects.toThrow('enough');
  });

  it('[PROF-2] a quick run is profiled only where that takes less than a second', () => {
    const process = { load_ms: 100, first_inference_ms: 20 };
    expect(worthProfiling({ name: 'quick' }, process)).toBe(true);
    expect(worthProfiling({ name: 'quick' }, { ...process, first_inference_ms: 200 })).toBe(false);
    expect(worthProfiling({ name: 'strict' }, { load_ms: 1e5, first_inference_ms: 1e4 })).toBe(true);
  });

  it('[PROF-4] goes out in batches that observations may have', () => {
    const many = Array.from({ length: 500 }, () => ({ ...layers[0]!, name: 'n'.repeat(200) }));
    const parts = [...profileParts(many)];
    expect(parts.length).toBeGreaterThan(1);
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(65_536);
    expect(decodeProfile(Buffer.concat(parts))).toEqual(many);
  });
});
