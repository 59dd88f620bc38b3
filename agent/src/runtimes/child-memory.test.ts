import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeColumn, type Observations, protocolOf, type RunSettings } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { measure } from '../protocol/measure.js';
import { frameHeaderBytes, frameType } from './child-wire.js';
import { nullModel } from './null-model.js';
import { onnxruntime } from './onnxruntime.js';
import type { RuntimeContext, RuntimeDriver } from './runtime.js';

const childScript = fileURLToPath(new URL('../../dist/runtimes/onnxruntime-child.js', import.meta.url));
const never = new AbortController().signal;

// Real processes: on a busy machine starting one takes its time.
jest.setTimeout(30_000);

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hilltop-memory-'));
  await writeFile(join(dir, 'model.onnx'), nullModel.bytes);
});
afterAll(() => rm(dir, { recursive: true }));

const subject = () => ({
  artifact: { path: join(dir, 'model.onnx'), sha256: 'a'.repeat(64), bytes: nullModel.bytes.length },
  settings: { threads: 1, graphLevel: 'all' as const },
  inputs: nullModel.inputs,
  outputs: nullModel.outputs,
  timeoutMs: 20_000,
});

const block = (over: Partial<RuntimeContext>, settings: Partial<RunSettings> = {}) =>
  onnxruntime({ workDir: dir, childScript, ...over }).block(
    { ...subject(), settings: { ...subject().settings, ...settings } },
    { minMs: 0, minInferences: 5, maxMs: 20 },
    { minMs: 0, minInferences: 20 },
    {},
    never,
  );

describe('memory of the measured process', () => {
  it('[MEM-1] is read from the group it was put into, which is given back', async () => {
    // Plain files in place of the kernel's; it enters by writing its process id.
    const group = await mkdtemp(join(dir, 'group-'));
    await Promise.all(
      [
        ['memory.current', '1000\n'],
        ['memory.peak', '5000\n'],
      ].map(([name, text]) => writeFile(join(group, name!), text!)),
    );
    const removed: string[] = [];
    let pid: number | undefined;
    const { memory } = await block({
      groups: { create: () => group, remove: (folder) => removed.push(folder) },
      onChild: (child) => {
        pid ??= child;
      },
    });
    expect(memory).toEqual({ group_baseline_bytes: 1000, group_peak_bytes: 5000, swapped_bytes: expect.any(Number) });
    expect(await readFile(join(group, 'cgroup.procs'), 'utf8')).toBe(`${pid}\n`);
    expect(removed).toEqual([group]);
  });

  it('[MEM-1] a group it did not get into says nothing of it', async () => {
    const groups = { create: () => join(dir, 'not-there'), remove: () => undefined };
    const { memory, process } = await block({ groups });
    expect(Object.keys(memory!)).toEqual(['swapped_bytes']);
    expect(process.peak_bytes).toBeGreaterThan(0);
  });

  it('[MEM-4] what was taken of the system is told where a GPU may have taken it, and not of the CPU', async () => {
    // A child that only reports: no GPU is needed to see who looks.
    const script = join(dir, 'reports.mjs');
    const event = {
      type: 'measured',
      process: { loadMs: 1, firstInferenceMs: 1, measuredMs: 1, rssBaselineBytes: 1, peakLoadBytes: 1, peakBytes: 1 },
      evidence: {},
      memory: { swapped_bytes: 0 },
      moments: [],
    };
    const payload = Buffer.from(JSON.stringify(event));
    const header = Buffer.alloc(frameHeaderBytes);
    header.writeUInt32LE(frameType.event, 0);
    header.writeUInt32LE(payload.length, 4);
    const frame = Buffer.concat([header, payload]).toString('base64');
    await writeFile(script, `import { writeSync } from 'node:fs'; writeSync(3, Buffer.from('${frame}', 'base64'));`);
    const told = async (provider?: string) =>
      (await block({ childScript: script }, { ...(provider !== undefined && { provider }) })).memory;
    expect(await told('cuda')).toEqual({ swapped_bytes: 0, system_bytes: expect.any(Number) });
    for (const provider of [undefined, 'cpu']) expect(await told(provider)).toEqual({ swapped_bytes: 0 });
  });

  it('[MEM-5] what is not known is NaN in its row; a runtime that knows nothing has no row', async () => {
    const result = await block({});
    const rows = async (memory: typeof result.memory): Promise<Observations[]> => {
      const seen: Observations[] = [];
      const { memory: _own, ...rest } = result;
      const driver: RuntimeDriver = {
        name: 'onnxruntime',
        describe: async () => undefined,
        caps: () => 'none',
        memoryLimitBytes: () => undefined,
        block: async () => ({ ...rest, ...(memory && { memory }) }),
        evaluate: async () => undefined,
      };
      const protocol = { ...protocolOf('quick'), blocks: 1 };
      const plan = { runId: 'run_12345678', fence: 1, protocol, subject: subject() };
      await measure(plan, driver, { onObservations: (batch) => seen.push(batch), onProgress: () => undefined }, never);
      return seen.filter(({ kind }) => kind === 'memory');
    };
    const [row] = await rows({ swapped_bytes: 0 });
    expect(decodeColumn(row!, 'swapped_bytes')).toEqual(Float64Array.of(0));
    for (const name of ['group_baseline_bytes', 'group_peak_bytes', 'system_bytes'])
      expect(decodeColumn(row!, name)).toEqual(Float64Array.of(Number.NaN));
    expect(await rows(undefined)).toEqual([]);
  });
});
