import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { hostRuntimes } from './host-runtimes.js';
import { nullModel } from './null-model.js';

const built = (path: string) => fileURLToPath(new URL(`../../dist/runtimes/${path}`, import.meta.url));
const example = fileURLToPath(new URL('../../../examples/external-runtime/run-onnx.mjs', import.meta.url));
jest.setTimeout(60_000);

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hilltop-runtimes-'));
  await writeFile(join(dir, 'model.onnx'), nullModel.bytes);
});
afterAll(() => rm(dir, { recursive: true }));

const here = (trtexec = [process.execPath, built('trtexec/testing/fake-trtexec.js')]) =>
  hostRuntimes(
    {
      workDir: dir,
      childScript: built('onnxruntime-child.js'),
      trtexec,
    },
    [
      { id: 'mine', command: [process.execPath, example] },
      { id: 'broken', command: ['/bin/false'] },
    ],
  );

describe('runtimes of a host', () => {
  it('[RT-9] are surveyed once: those that answer in their order, those that were named and do not with the reason', async () => {
    const runtimes = here();
    const { runtimes: found, lacks } = await runtimes.survey();
    expect(found.map(({ name, id }) => [name, id])).toEqual([
      ['onnxruntime', undefined],
      ['trtexec', undefined],
      ['external', 'mine'],
    ]);
    // Only what loads on this machine: it has no GPU, whatever is in the package.
    expect(found[0]!.providers).toEqual(['cpu']);
    expect(found[1]).toMatchObject({ version: '8.5.2', providers: ['tensorrt'] });
    expect(lacks).toEqual([{ id: 'broken', why: expect.any(String) }]);
    expect(await runtimes.survey()).toBe(await runtimes.survey());
  });

  it('[RT-9] so is one that is built in, is there and cannot say its version', async () => {
    const { runtimes: found, lacks } = await here(['/bin/false']).survey();
    expect(found.map(({ name }) => name)).toEqual(['onnxruntime', 'external']);
    expect(lacks.map(({ id }) => id)).toEqual(['trtexec', 'broken']);
  });

  it('[RT-10] a run goes to the one its settings choose, the first without a wish; what is not there is refused', async () => {
    const runtimes = here();
    const settings = { threads: 1, graphLevel: 'all' as const };
    const chosen = async (wish: object) => (await runtimes.chosen({ ...settings, ...wish })).driver.name;
    expect([
      await chosen({}),
      await chosen({ runtime: 'trtexec', precision: 'fp16' }),
      await chosen({ runtime: 'mine' }),
    ]).toEqual(['onnxruntime', 'trtexec', 'external']);
    await expect(chosen({ runtime: 'broken' })).rejects.toMatchObject({ code: 'runtime.missing' });
    await expect(chosen({ provider: 'cuda' })).rejects.toMatchObject({ code: 'runtime.missing' });
    await expect(chosen({ precision: 'fp16' })).rejects.toMatchObject({ code: 'runtime.setting-unsupported' });
    const rows: number[] = [];
    await runtimes.block(
      {
        artifact: { path: join(dir, 'model.onnx'), sha256: 'a'.repeat(64), bytes: nullModel.bytes.length },
        settings: { ...settings, runtime: 'mine' },
        inputs: nullModel.inputs,
        outputs: nullModel.outputs,
        timeoutMs: 20_000,
      },
      { minMs: 0, minInferences: 5, maxMs: 20 },
      { minMs: 0, minInferences: 20 },
      { onLatency: (values) => rows.push(...values) },
      new AbortController().signal,
    );
    expect(rows.length).toBeGreaterThanOrEqual(20);
  });
});
