import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { dataLayout } from '../run-executor.js';
import { endlessModel, floatTensor, oneNode } from '../testing/models.js';
import { threeItems } from '../testing/three-items.js';
import { external } from './external/external.js';
import { nullModel } from './null-model.js';
import { node } from './onnx-bytes.js';
import { onnxruntime } from './onnxruntime.js';
import { runErrorOf } from './outcome.js';
import type { BlockResult, RuntimeContext, RuntimeDriver, Subject } from './runtime.js';
import { trtexec } from './trtexec/trtexec.js';

const built = (path: string) => fileURLToPath(new URL(`../../dist/runtimes/${path}`, import.meta.url));
const example = fileURLToPath(new URL('../../../examples/external-runtime/run-onnx.mjs', import.meta.url));
const never = new AbortController().signal;
const warmUp = { minMs: 0, minInferences: 5, maxMs: 20 };
const rule = { minMs: 0, minInferences: 20 };

// Real processes: on a busy machine starting one takes its time.
jest.setTimeout(60_000);

const runtimes: Array<[string, (context: RuntimeContext) => RuntimeDriver]> = [
  ['onnxruntime', (context) => onnxruntime({ ...context, childScript: built('onnxruntime-child.js') })],
  ['external', (context) => external({ ...context, program: { command: [process.execPath, example] } })],
  [
    'trtexec',
    (context) =>
      trtexec({
        ...context,
        trtexecBuildMs: 1500,
        trtexec: [process.execPath, built('trtexec/testing/fake-trtexec.js')],
      }),
  ],
];

describe.each(runtimes)('runtime contract: %s', (name, make) => {
  let dir: string;
  let pids: Array<number | undefined>;
  let driver: RuntimeDriver;
  let onStart: () => void;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), `hilltop-${name}-`));
    pids = [];
    onStart = () => undefined;
    driver = make({
      workDir: dir,
      onChild: (pid) => {
        pids.push(pid);
        if (pid !== undefined) onStart();
      },
    });
  });
  afterAll(() => rm(dir, { recursive: true }));

  async function subject(bytes: Uint8Array, over: Partial<Subject> = {}): Promise<Subject> {
    const path = join(dir, `model-${Math.random()}.onnx`);
    await writeFile(path, bytes);
    return {
      artifact: { path, sha256: path, bytes: bytes.length },
      settings: { threads: 1, graphLevel: 'all' },
      inputs: nullModel.inputs,
      outputs: nullModel.outputs,
      timeoutMs: 20_000,
      ...over,
    };
  }
  const failure = async (s: Subject, signal = never) =>
    runErrorOf(
      await driver.block(s, warmUp, rule, {}, signal).then(
        () => new Error('it succeeded'),
        (error: unknown) => error,
      ),
    );

  it('[RT-1] says its version and who executes, or that it is not there', async () => {
    expect(await driver.describe()).toMatchObject({
      version: expect.stringMatching(/./),
      providers: expect.arrayContaining([expect.stringMatching(/./)]),
    });
  });

  it('[RT-1] measures in a fresh process that sees the artifact, tells every inference, and leaves nothing behind', async () => {
    const truth = join(dir, 'truth');
    const [warm, measured]: [number[], number[]] = [[], []];
    const result: BlockResult = await driver.block(
      await subject(nullModel.bytes, { groundTruth: { path: truth, what: 'dev_1 run_1 1 sha' } }),
      warmUp,
      rule,
      { onWarmUp: (rows) => warm.push(...rows), onLatency: (rows) => measured.push(...rows) },
      never,
    );
    expect(warm.length).toBeGreaterThanOrEqual(5);
    expect(measured.length).toBeGreaterThanOrEqual(20);
    for (const ms of [...warm, ...measured]) expect(ms).toBeGreaterThan(0);
    const { load_ms, first_inference_ms, measured_ms, peak_bytes } = result.process;
    for (const known of [load_ms, first_inference_ms, measured_ms, peak_bytes]) expect(known).toBeGreaterThan(0);
    expect(measured.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(measured_ms * 1.01 + 1);
    expect(Object.keys(result.evidence ?? {})).toHaveLength(13);
    expect(result.evidence!.run_ns).toBeGreaterThan(0);
    expect((await readFile(truth, 'utf8')).match(/^(start|end) dev_1 run_1 1 sha \d+$/gm)).toHaveLength(2);
    expect((await readdir(dir)).filter((file) => file.startsWith('run-'))).toEqual([]);
    expect(pids.slice(-2)).toEqual([expect.any(Number), undefined]);
  });

  it("[RT-2] no model, an unknown operator: rejected, by the model's own fault", async () => {
    for (const bytes of [Buffer.from('this is no model'), oneNode([node('Frobnicate', ['x'], ['y'])])])
      expect(await failure(await subject(bytes))).toMatchObject({ code: 'run.model-rejected', cause: 'user' });
  });

  it('[RT-2] nothing but NaN, another shape or a missing output: invalid', async () => {
    const nan = await subject(oneNode([node('Mul', ['x', 'nan'], ['y'])], [floatTensor('nan', [Number.NaN])]));
    const wrongShape = await subject(nullModel.bytes, { outputs: [{ name: 'y', type: 'float32', dims: [1, 10] }] });
    const missing = await subject(nullModel.bytes, { outputs: [{ name: 'z', type: 'float32', dims: [1] }] });
    const seen: string[] = [];
    for (const s of [nan, wrongShape, missing]) seen.push((await failure(s)).code);
    // A program tells its outputs by their place in the line, not by what it calls them: there the missing one is its own error.
    expect(seen).toEqual([
      'run.output-invalid',
      'run.output-invalid',
      name === 'external' ? 'run.crashed' : 'run.output-invalid',
    ]);
  });

  it('[RT-3] a model that never ends is stopped by the clock', async () => {
    expect(await failure(await subject(endlessModel, { timeoutMs: 1500 }))).toMatchObject({
      code: 'run.timeout',
    });
  });

  it('[RT-3] an abort ends the process at once, with its reason', async () => {
    const abort = new AbortController();
    const s = await subject(nullModel.bytes);
    const started = new Promise<void>((resolve) => {
      onStart = resolve;
    });
    const running = driver.block(s, warmUp, { minMs: 60_000, minInferences: 1 }, {}, abort.signal);
    await Promise.race([started, running]);
    const pid = pids.at(-1)!;
    abort.abort(new Error('cancelled'));
    await expect(running).rejects.toThrow('cancelled');
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(pids.at(-1)).toBeUndefined();
  });

  it('[RT-4] evaluates item by item: predicted class, and whether it is the label', async () => {
    const { identity, pack, inputs, outputs, evaluation } = await threeItems(dir);
    const layout = await dataLayout(pack, { inputs, evaluation });
    const rows: Array<[number, number, number]> = [];
    await driver.evaluate(
      await subject(identity, { inputs, outputs, data: { path: pack, layout } }),
      3,
      ({ item, predicted, correct }) =>
        rows.push(...item.map((n, i) => [n, predicted[i]!, correct[i]!] as [number, number, number])),
      never,
    );
    expect(rows.sort()).toEqual([
      [0, 2, 1],
      [1, 0, 1],
      [2, 0, 0],
    ]);
  });
});
