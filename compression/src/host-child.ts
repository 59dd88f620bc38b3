/**
 * The child process of `createHost`: the only place in this package that loads ONNX Runtime. Its working directory is
 * private and holds nothing but the model it was given, so that a model has no neighbours to read.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { decodeTensorPack, LabError, type TensorPack } from '@hilltop/contracts';
import * as ort from 'onnxruntime-node';
import type { TensorFacts } from './check-model.js';
import { type FeedTensor, feedItems, planFeed } from './feed.js';
import { runtimeError } from './host-errors.js';
import {
  type HostAnswers,
  type HostCall,
  type HostQuestion,
  type HostReply,
  hostFiles,
  type TensorShape,
} from './host-messages.js';
import { type BatchTensor, createFold } from './host-statistics.js';
import { transposedProductModel } from './product-model.js';
import { sizeOf } from './sizes.js';

type GraphLevel = NonNullable<ort.InferenceSession.SessionOptions['graphOptimizationLevel']>;

async function openSession(
  level: GraphLevel,
  more: ort.InferenceSession.SessionOptions = {},
): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(hostFiles.model, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: level,
      logSeverityLevel: 4,
      ...more,
    });
  } catch (error) {
    throw runtimeError(error, 'load');
  }
}

async function run(
  session: ort.InferenceSession,
  feeds: Record<string, FeedTensor>,
): Promise<ort.InferenceSession.OnnxValueMapType> {
  const tensors: Record<string, ort.Tensor> = {};
  try {
    for (const [name, { type, data, dims }] of Object.entries(feeds))
      tensors[name] = new ort.Tensor(type as 'float32', data as Float32Array, dims);
    return await session.run(tensors);
  } catch (error) {
    throw runtimeError(error, 'run');
  }
}

const facts = (metadata: readonly ort.InferenceSession.ValueMetadata[]): TensorFacts[] =>
  metadata.map((m) =>
    m.isTensor ? { name: m.name, type: m.type, dims: m.shape } : { name: m.name, type: 'unknown', dims: [] },
  );

/** The data is read and unlinked before the model is opened: no file of it is left for the model to read. */
function takeData(): TensorPack {
  const bytes = readFileSync(hostFiles.data);
  rmSync(hostFiles.data);
  return decodeTensorPack(bytes);
}

/** Runs all items through the session, batch by batch. A rest smaller than a fixed batch is left out. */
async function forBatches(
  session: ort.InferenceSession,
  pack: TensorPack,
  each: (values: ort.InferenceSession.OnnxValueMapType, items: number, from: number) => void | Promise<void>,
): Promise<void> {
  const inputs = facts(session.inputMetadata);
  const plan = planFeed(pack, inputs);
  const fixed = inputs.some((input, i) => plan.inputs[i]!.batched && typeof input.dims[0] === 'number');
  for (let from = 0; from < pack.items; from += plan.batch) {
    const to = Math.min(from + plan.batch, pack.items);
    if (fixed && to - from < plan.batch) break;
    const values = await run(session, feedItems(pack, plan, from, to));
    await each(values, to - from, from);
    for (const value of Object.values(values)) value.dispose();
  }
}

/** An output as float32, whatever numeric type it has. Throws `run.output-invalid` for strings and what is no tensor. */
function floatsOf(values: ort.InferenceSession.OnnxValueMapType, name: string): BatchTensor {
  const value = values[name];
  if (!(value instanceof ort.Tensor) || value.type === 'string')
    throw new LabError('run.output-invalid', `${name} does not hold numbers`, { output: name });
  const data = value.data;
  if (data instanceof Float32Array) return { data, dims: value.dims };
  return { data: Float32Array.from(data as ArrayLike<number | bigint>, Number), dims: value.dims };
}

let productSession: Promise<ort.InferenceSession> | undefined;

/** Matrix products by the runtime's own kernels: 50 times faster than loops here. */
async function transposedProduct(a: Float32Array, b: Float32Array, rows: number): Promise<Float32Array> {
  productSession ??= ort.InferenceSession.create(transposedProductModel(), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  const session = await productSession;
  const { c } = await session.run({
    a: new ort.Tensor('float32', a, [rows, a.length / rows]),
    b: new ort.Tensor('float32', b, [rows, b.length / rows]),
  });
  return c!.data as Float32Array;
}

const calls: { [C in HostCall['call']]: (question: Extract<HostCall, { call: C }>) => Promise<HostAnswers[C]> } = {
  async optimize({ level }) {
    const session = await openSession(level, { optimizedModelFilePath: hostFiles.optimized });
    await session.release();
    return undefined;
  },

  async inspect() {
    const session = await openSession('all');
    const seen = { inputs: facts(session.inputMetadata), outputs: facts(session.outputMetadata) };
    await session.release();
    return seen;
  },

  async shapes({ tensors, feeds }) {
    const pack = feeds ? undefined : takeData();
    const session = await openSession('disabled');
    const inputs = facts(session.inputMetadata);
    const first = pack && planFeed(pack, inputs, 1);
    const values = await run(
      session,
      first && pack ? feedItems(pack, first, 0, first.batch) : zeros(inputs, feeds ?? {}),
    );
    const seen: TensorShape[] = [];
    for (const tensor of tensors) {
      const value = values[tensor];
      if (value instanceof ort.Tensor) seen.push({ tensor, type: value.type, dims: value.dims });
    }
    await session.release();
    return seen;
  },

  async statistics({ requests }) {
    const pack = takeData();
    const session = await openSession('all');
    const folds = requests.map((request) => createFold(request, transposedProduct));
    // Histograms need the range first: as many passes over the data as the neediest fold asks for.
    for (let pass = 0; folds.some((fold) => fold.passes > pass); pass++) {
      await forBatches(session, pack, async (values, items, from) => {
        for (const fold of folds) {
          if (fold.passes > pass)
            await fold.add(
              pass,
              fold.tensors.map((tensor) => floatsOf(values, tensor)),
              items,
              from,
            );
        }
      });
    }
    await session.release();
    return await Promise.all(folds.map((fold) => fold.result()));
  },

  async outputs() {
    const pack = takeData();
    const session = await openSession('all');
    const name = session.outputNames[0]!;
    let perItem = 0;
    let out = new Float32Array(0);
    await forBatches(session, pack, (values, items, from) => {
      const value = floatsOf(values, name);
      if (from === 0) {
        perItem = value.data.length / items;
        out = new Float32Array(perItem * pack.items);
      }
      if (value.data.length !== perItem * items)
        throw new LabError('run.output-invalid', `the size of output ${name} differs from item to item`, {
          output: name,
        });
      out.set(value.data, from * perItem);
    });
    await session.release();
    return { perItem, data: out };
  },
};

/** One item of zeros, with dynamic axes of size 1 unless `dims` says more. */
function zeros(
  inputs: readonly TensorFacts[],
  dims: Readonly<Record<string, readonly number[]>>,
): Record<string, FeedTensor> {
  const feeds: Record<string, FeedTensor> = {};
  for (const input of inputs) {
    const shape = dims[input.name] ?? input.dims.map((d) => (typeof d === 'number' ? d : 1));
    const item = { type: 'uint8' as const, dims: shape, scale: 1, offset: 0, data: new Uint8Array(sizeOf(shape)) };
    const plan = { batch: 1, inputs: [{ name: input.name, type: input.type, batched: false }] };
    Object.assign(feeds, feedItems({ items: 1, inputs: [item] }, plan, 0, 1));
  }
  return feeds;
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

function send(reply: HostReply): void {
  process.send?.(reply);
}

async function answer(question: HostCall): Promise<HostAnswers[keyof HostAnswers]> {
  switch (question.call) {
    case 'optimize':
      return await calls.optimize(question);
    case 'inspect':
      return await calls.inspect(question);
    case 'shapes':
      return await calls.shapes(question);
    case 'statistics':
      return await calls.statistics(question);
    case 'outputs':
      return await calls.outputs(question);
  }
}

process.on('message', (message: HostQuestion) => {
  answer(message.question).then(
    (value) => send({ id: message.id, value, cpuSeconds: cpuSeconds() }),
    (thrown: unknown) => {
      const error = thrown instanceof LabError ? thrown : runtimeError(thrown, 'run');
      send({
        id: message.id,
        error: { code: error.code, message: error.message, details: error.details },
        cpuSeconds: cpuSeconds(),
      });
    },
  );
});
// A child whose parent is gone has nobody to work for, and nobody else will remove its directory.
process.on('disconnect', () => {
  if (basename(process.cwd()).startsWith(hostFiles.directory)) rmSync(process.cwd(), { recursive: true, force: true });
  process.exit(0);
});

try {
  // When memory runs out on the whole machine, this process goes first.
  if (process.platform === 'linux') writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Some containers mount /proc read-only; the caps still hold.
}
send({ ready: true });
