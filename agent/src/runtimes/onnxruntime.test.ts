import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quantileOfSorted } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { dataLayout } from '../run-executor.js';
import { endlessModel, floatTensor, greedyModel, oneNode } from '../testing/models.js';
import { threeItems } from '../testing/three-items.js';
import { capTools } from './child-process.js';
import { nullModel } from './null-model.js';
import { elementType, graph, model, node, type Proto, valueInfo } from './onnx-bytes.js';
import { onnxruntime } from './onnxruntime.js';
import { runErrorOf } from './outcome.js';
import type { Subject } from './runtime.js';

const childScript = fileURLToPath(new URL('../../dist/runtimes/onnxruntime-child.js', import.meta.url));
const warmUp = { minMs: 0, minInferences: 5, maxMs: 20 };
const rule = { minMs: 0, minInferences: 20 };
const never = new AbortController().signal;

// Real processes: on a busy machine starting one takes its time.
jest.setTimeout(30_000);

let dir: string;
let pids: Array<number | undefined>;
const driver = () => onnxruntime({ workDir: dir, childScript, onChild: (pid) => pids.push(pid) });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hilltop-runtime-'));
  pids = [];
});
afterAll(() => rm(dir, { recursive: true }));

async function subject(bytes: Uint8Array, over: Partial<Subject> = {}): Promise<Subject> {
  const path = join(dir, `model-${Math.random()}.onnx`);
  await writeFile(path, bytes);
  return {
    artifact: { path, sha256: 'a'.repeat(64), bytes: bytes.length },
    settings: { threads: 1, graphLevel: 'all' },
    inputs: nullModel.inputs,
    outputs: nullModel.outputs,
    timeoutMs: 20_000,
    ...over,
  };
}

const failure = async (s: Subject, run = rule) =>
  runErrorOf(
    await driver()
      .block(s, warmUp, run, {}, never)
      .then(
        () => new Error('it succeeded'),
        (error: unknown) => error,
      ),
  );

describe('onnxruntime', () => {
  it('[EXEC-1] measures in a fresh process with the artifact alone, and leaves nothing behind', async () => {
    const truth = join(dir, 'truth');
    const latencies: number[] = [];
    const phases: string[] = [];
    const result = await driver().block(
      await subject(nullModel.bytes, { groundTruth: { path: truth, what: 'dev_1 run_1 1 sha' } }),
      warmUp,
      rule,
      {
        onPhase: (phase) => phases.push(phase),
        onLatency: (rows) => latencies.push(...rows),
      },
      never,
    );
    expect(latencies.length).toBeGreaterThanOrEqual(20);
    expect(phases).toEqual(['loading', 'warming-up']);
    expect(result.process.peak_bytes).toBeGreaterThanOrEqual(result.process.rss_baseline_bytes);
    expect(Object.keys(result.evidence ?? {})).toHaveLength(13);
    expect((await readFile(truth, 'utf8')).match(/^(start|end) dev_1 run_1 1 sha \d+$/gm)).toHaveLength(2);
    expect((await readdir(dir)).filter((name) => name.startsWith('run-'))).toEqual([]);
    expect(pids.slice(-2)).toEqual([expect.any(Number), undefined]);
  });

  it('[RT-9] lists the providers that load: none of a GPU that is not here, though the package has a part for it', async () => {
    const tried = onnxruntime({ workDir: dir, childScript, gpuNodes: ['/dev/null'], onChild: (pid) => pids.push(pid) });
    const before = pids.length;
    expect((await tried.describe())?.providers).toEqual(['cpu']);
    expect(pids.length).toBeGreaterThan(before);
    const wish = { settings: { threads: 1, graphLevel: 'all' as const, provider: 'cuda' } };
    expect((await failure(await subject(nullModel.bytes, wish))).code).toBe('run.model-rejected');
  });

  it('[EXEC-2] a model that asks for 8 GiB is out of memory by its own fault', async () => {
    const wide = { outputs: [{ name: 'y', type: 'float32', dims: [] }] };
    expect(capTools().prlimit).toBeDefined();
    expect(await failure(await subject(greedyModel, wide))).toEqual({
      code: 'run.out-of-memory',
      cause: 'user',
      message: expect.any(String),
    });
  });

  it('[EXEC-3] a model that never ends is stopped by the clock', async () => {
    expect(await failure(await subject(endlessModel, { timeoutMs: 1500 }))).toEqual({
      code: 'run.timeout',
      cause: 'user',
      message: expect.any(String),
    });
  });

  it('[EXEC-4] an unknown operator or no model at all is rejected', async () => {
    const unknown = oneNode([node('Frobnicate', ['x'], ['y'])]);
    for (const bytes of [unknown, Buffer.from('this is no model')]) {
      expect(await failure(await subject(bytes))).toEqual({
        code: 'run.model-rejected',
        cause: 'user',
        message: expect.any(String),
      });
    }
  });

  it('[EXEC-5] nothing but NaN, another shape or a missing output is invalid', async () => {
    const nan = await subject(oneNode([node('Mul', ['x', 'nan'], ['y'])], [floatTensor('nan', [Number.NaN])]));
    const wrongShape = await subject(nullModel.bytes, { outputs: [{ name: 'y', type: 'float32', dims: [1, 10] }] });
    const missing = await subject(nullModel.bytes, { outputs: [{ name: 'z', type: 'float32', dims: [1] }] });
    for (const s of [nan, wrongShape, missing])
      expect(await failure(s)).toEqual({ code: 'run.output-invalid', cause: 'user', message: expect.any(String) });
  });

  it('[EXEC-6] a child killed from outside is tried again, and the agent lives on', async () => {
    const watched = onnxruntime({
      workDir: dir,
      childScript,
      onChild: (pid) => pid && setTimeout(() => process.kill(pid, 'SIGKILL'), 100),
    });
    const error = await watched.block(await subject(endlessModel), warmUp, rule, {}, never).catch((e: unknown) => e);
    expect(runErrorOf(error)).toEqual({ code: 'run.crashed', cause: 'infrastructure', message: expect.any(String) });
    await driver().block(await subject(nullModel.bytes), warmUp, rule, {}, never);
  });

  it('[AGENT-5] an abort ends the process at once, with its reason', async () => {
    const abort = new AbortController();
    const started = performance.now();
    const watched = onnxruntime({
      workDir: dir,
      childScript,
      onChild: (pid) => pid && abort.abort(new Error('cancelled')),
    });
    await expect(watched.block(await subject(endlessModel), warmUp, rule, {}, abort.signal)).rejects.toThrow(
      'cancelled',
    );
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('[MEAS-15] evaluates item by item on the device: predicted class and whether it is the label', async () => {
    const { identity, pack, inputs, outputs, evaluation } = await threeItems(dir);
    const base = await subject(identity, { inputs, outputs });
    const seen: unknown[] = [];
    await driver().evaluate(
      { ...base, data: { path: pack, layout: await dataLayout(pack, { inputs, evaluation }) } },
      3,
      (items) => seen.push(items),
      never,
    );
    await driver().evaluate(
      {
        ...base,
        data: { path: pack, layout: await dataLayout(pack, { inputs, evaluation, qualityMetric: 'agreement' }) },
      },
      2,
      (items) => seen.push(items),
      never,
    );
    expect(seen).toEqual([
      { item: [0, 1, 2], predicted: [2, 0, 0], correct: [1, 1, 0] },
      { item: [0, 1], predicted: [2, 0], correct: [0, 0] },
    ]);
    await expect(
      dataLayout(pack, { inputs: [{ name: 'x', type: 'float32', dims: [1, 4] }], evaluation }),
    ).rejects.toMatchObject({ code: 'data.shape-mismatch' });
  });

  it('[RT-16] [RT-17] a batch feeds so many items at once where the first axis is free, and quality stays item by item', async () => {
    const { pack, inputs, outputs, evaluation } = await threeItems(dir);
    const classes = inputs[0]!.dims[1] as number;
    const copy = (first: number | string, through: readonly Proto[] = [node('Identity', ['x'], ['y'])]) =>
      model(
        graph({
          nodes: through,
          inputs: [valueInfo('x', elementType.float32, [first, classes])],
          outputs: [valueInfo('y', elementType.float32, [first, classes])],
        }),
      );
    const batchOf = async (bytes: Uint8Array, batch: number) => ({
      ...(await subject(bytes, { inputs, outputs, settings: { threads: 1, graphLevel: 'all', batch } })),
      data: { path: pack, layout: await dataLayout(pack, { inputs, evaluation }) },
    });
    const free = await batchOf(copy('N'), 8);
    const latencies: number[] = [];
    await driver().block(free, warmUp, rule, { onLatency: (rows) => latencies.push(...rows) }, never);
    expect(latencies.length).toBeGreaterThanOrEqual(20);
    const seen: unknown[] = [];
    await driver().evaluate(free, 3, (items) => seen.push(items), never);
    expect(seen).toEqual([{ item: [0, 1, 2], predicted: [2, 0, 0], correct: [1, 1, 0] }]);
    // An output that sums the batch up is none of one item each.
    const summing = copy('N', [node('ReduceSum', ['x'], ['s']), node('Identity', ['s'], ['y'])]);
    for (const bytes of [copy(1), summing])
      expect(await failure(await batchOf(bytes, 8))).toEqual({
        code: 'runtime.setting-unsupported',
        cause: 'user',
        message: expect.any(String),
      });
    await driver().block(await batchOf(copy(1), 1), warmUp, rule, {}, never);
  });

  it('[PROF-1] says where the time goes, fused as the runtime fuses, and leaves nothing behind', async () => {
    const wide = { inputs: [{ name: 'x', type: 'float32', dims: [1, 64] }] };
    const two = model(
      graph({
        nodes: [node('Exp', ['x'], ['e']), node('ReduceSum', ['e'], ['y'])],
        inputs: [valueInfo('x', elementType.float32, [1, 64])],
        outputs: [valueInfo('y', elementType.float32, [1, 1])],
      }),
    );
    const outputs = [{ name: 'y', type: 'float32', dims: [1, 1] }];
    const layers = await driver().profile!(await subject(two, { ...wide, outputs }), never);
    expect(layers.map(({ op, provider }) => [op, provider])).toEqual([
      ['Exp', 'cpu'],
      ['ReduceSum', 'cpu'],
    ]);
    for (const { inferences } of layers) expect(inferences).toBeGreaterThanOrEqual(2);
    expect((await readdir(dir)).filter((name) => name.startsWith('run-'))).toEqual([]);
    await expect(driver().profile!(await subject(Buffer.from('no model')), never)).rejects.toMatchObject({
      code: 'run.model-rejected',
    });
  });

  it('[MEAS-16] its loop is the bare loop: the same order of magnitude, whatever the machine is doing', async () => {
    const ort = createRequire(import.meta.url)('onnxruntime-node') as typeof import('onnxruntime-node');
    const session = await ort.InferenceSession.create(nullModel.bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    const feeds = { x: new ort.Tensor('float32', Float32Array.of(1), [1]) };
    const bare: number[] = [];
    for (let i = 0; i < 2000; i++) {
      const t0 = performance.now();
      await session.run(feeds);
      bare.push(performance.now() - t0);
    }
    const ours: number[] = [];
    await driver().block(
      await subject(nullModel.bytes),
      { minMs: 20, minInferences: 500, maxMs: 500 },
      { minMs: 0, minInferences: 2000 },
      { onLatency: (rows) => ours.push(...rows) },
      never,
    );
    expect(ours.length).toBe(2000);
    // What the machine does beside it makes some slower, none faster.
    const low = (times: readonly number[]): number =>
      quantileOfSorted(
        [...times].sort((a, b) => a - b),
        0.1,
      );
    expect(low(ours) / low(bare)).toBeLessThan(10);
    expect(low(ours) / low(bare)).toBeGreaterThan(0.1);
  });
});
