import { readSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { batched } from './batched.js';
import { asFailure, Failure } from './child-failure.js';
import { type ChildTask, dataFd } from './child-wire.js';
import { nullModel } from './null-model.js';
import {
  allNaN,
  castItem,
  elementCount,
  fillRandom,
  newTensorData,
  storedElementBytes,
  type TensorData,
} from './tensors.js';

const ort = createRequire(import.meta.url)('onnxruntime-node') as typeof import('onnxruntime-node');

const options = (task: Pick<ChildTask, 'threads' | 'graphLevel' | 'provider'>): InferenceSession.SessionOptions => ({
  // What a GPU's provider has no kernel for, the CPU computes.
  executionProviders: task.provider === undefined || task.provider === 'cpu' ? ['cpu'] : [task.provider, 'cpu'],
  intraOpNumThreads: task.threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: task.graphLevel,
  logSeverityLevel: 3,
});

/**
 * So many inferences of the null model (30 ms) bring JavaScript's own heap to its working size: it belongs to the
 * baseline. Without them a fast model seems to need megabytes more than a slow one, for it makes more garbage.
 */
const nullInferences = 3000;

/** Runs the null model: after it the runtime is up and the memory it needs without a model is known. */
export async function startRuntime(): Promise<void> {
  const session = await ort.InferenceSession.create(nullModel.bytes, options({ threads: 1, graphLevel: 'all' }));
  const feeds = { x: new ort.Tensor('float32', Float32Array.of(1), [1]) };
  for (let i = 0; i < nullInferences; i++) await session.run(feeds);
  await session.release();
}

/** Of these providers, those with which a session can be made here. */
export async function providersThatLoad(providers: readonly string[]): Promise<string[]> {
  const loaded: string[] = [];
  for (const provider of providers) {
    try {
      const session = await ort.InferenceSession.create(
        nullModel.bytes,
        options({ threads: 1, graphLevel: 'all', provider }),
      );
      await session.run({ x: new ort.Tensor('float32', Float32Array.of(1), [1]) });
      loaded.push(provider);
    } catch {
      // Its library or its device is not there: that is the answer.
    }
  }
  return loaded;
}

/** The model under test in this process, with its inputs allocated once. */
export class Model {
  private constructor(
    private readonly task: ChildTask,
    readonly session: InferenceSession,
    readonly feeds: Record<string, Tensor>,
    private readonly buffers: readonly TensorData[],
  ) {}

  static async load(given: ChildTask, more: InferenceSession.SessionOptions = {}): Promise<Model> {
    let session: InferenceSession;
    try {
      session = await ort.InferenceSession.create(given.modelPath, { ...options(given), ...more });
    } catch (error) {
      throw asFailure(error, 'run.model-rejected', 'ONNX Runtime does not take the model');
    }
    const task = batched(given, session.inputMetadata);
    const feeds: Record<string, Tensor> = {};
    const buffers = task.inputs.map((input, i) => {
      const dims = input.dims.map(Number);
      const data = newTensorData(input.type, elementCount(dims));
      if (!data)
        throw new Failure('run.model-rejected', `input ${input.name} is of type ${input.type}, which cannot be fed`);
      fillRandom(data, input.type, i + 1);
      feeds[input.name] = new ort.Tensor(input.type as 'float32', data as Float32Array, dims);
      return data;
    });
    const model = new Model(task, session, feeds, buffers);
    if (task.data)
      for (let place = 0; place < (task.batch ?? 1); place++) model.feedItem(place % task.data.items, place);
    return model;
  }

  /** Puts item `index` of the labelled data into the feeds, at its place of the batch. */
  feedItem(index: number, place = 0): void {
    this.task.data!.inputs.forEach((stored, i) => {
      const size = stored.elements * storedElementBytes(stored.type);
      const bytes = readData(stored.at + index * size, size);
      const out = this.buffers[i]!;
      const each = out.length / (this.task.batch ?? 1);
      castItem(bytes, stored, this.task.inputs[i]!.type, out.subarray(place * each, (place + 1) * each));
    });
  }

  async run(): Promise<InferenceSession.OnnxValueMapType> {
    try {
      return await this.session.run(this.feeds);
    } catch (error) {
      const { batch } = this.task;
      throw batch === undefined
        ? asFailure(error, 'run.crashed', 'the model failed while it ran')
        : asFailure(
            error,
            'runtime.setting-unsupported',
            `the model does not compute a batch of ${batch}; leave it out`,
          );
    }
  }

  /** First output, after all were held against what the lab expects. Throws `run.output-invalid`, with a batch `runtime.setting-unsupported`. */
  check(outputs: InferenceSession.OnnxValueMapType): Tensor {
    for (const want of this.task.outputs) {
      const got = outputs[want.name] as Tensor | undefined;
      if (!got) throw new Failure('run.output-invalid', `the model gives no output ${want.name}`);
      const fits =
        got.dims.length === want.dims.length && want.dims.every((d, i) => typeof d === 'string' || d === got.dims[i]);
      if (!fits)
        throw new Failure(
          this.task.batch === undefined ? 'run.output-invalid' : 'runtime.setting-unsupported',
          `output ${want.name} has the shape [${got.dims}] and not [${want.dims}]`,
        );
    }
    const first = outputs[this.task.outputs[0]!.name] as Tensor;
    if (allNaN(first.data as Float32Array, first.type))
      throw new Failure('run.output-invalid', `output ${this.task.outputs[0]!.name} is nothing but NaN`);
    return first;
  }
}

/** Bytes of the labelled data file, which has no name here. */
export function readData(at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let got = 0; got < length; ) {
    const n = readSync(dataFd, bytes, got, length - got, at + got);
    if (n === 0) throw new Failure('run.crashed', 'the labelled data ends too early', 'device');
    got += n;
  }
  return bytes;
}
