import { isLabError, LabError, type TensorPack } from '@hilltop/contracts';
import type { TensorFacts } from './check-model.js';
import { withOutputParts } from './graph.js';
import { withExtremes } from './host-extremes.js';
import { type Statistic, type StatisticRequest, type TensorShape, tensorsOf } from './host-messages.js';
import { type HostPlatform, hostPlatform } from './host-platform.js';
import { HostProcess } from './host-process.js';

export type { HostPlatform };

export interface HostOptions {
  /** Cap of the child's private memory in bytes (RLIMIT_DATA). Default 1 GiB; below 200 MiB the runtime itself may not start. */
  readonly dataBytesLimit?: number;
  /** CPU seconds one call may use before the kernel ends the child. Default 120. */
  readonly cpuSecondsLimit?: number;
  /** Wall-clock milliseconds one call may take before the parent kills the child. Default 300,000. */
  readonly wallMs?: number;
}

export interface Evaluation {
  /** Class of each item: argmax over its values of output 0; -1 where that is one value only. */
  readonly predicted: Int32Array;
  /** Share of items with predicted == label; absent without labels. */
  readonly accuracy?: number;
}

/**
 * ONNX Runtime behind a capped child process; the calling process never loads it. Calls are queued, one at a time.
 * Every method throws LabErrors only: `model.op-unsupported`, `run.model-rejected`, `run.out-of-memory`, `run.cpu-limit`,
 * `run.timeout`, `run.crashed`, `run.cancelled` (its signal was aborted); after a death the next call gets a fresh child.
 * Models must have passed `checkModel`.
 */
export interface Host {
  /** Whether the kernel caps the child's memory and CPU time (needs util-linux); the wall clock is always watched. */
  readonly capped: boolean;
  readonly platform: HostPlatform;
  /**
   * The model as ONNX Runtime rewrites it. `basic`: constants folded, Conv+BN fused, standard operators only. `extended` fuses
   * further into operators of its own: to see what a device will run, never to ship.
   */
  optimize(model: Uint8Array, options: { level: 'basic' | 'extended' }, signal?: AbortSignal): Promise<Uint8Array>;
  /** Loads the model as a device would and says what it takes and gives. */
  inspect(model: Uint8Array, signal?: AbortSignal): Promise<{ inputs: TensorFacts[]; outputs: TensorFacts[] }>;
  /**
   * Types and shapes of the named tensors, from one run: with the pack's first item, or with zeros of the given shapes
   * (dynamic axes not given are 1). Tensors that are not numbers are left out.
   */
  shapes(
    model: Uint8Array,
    tensors: readonly string[],
    feed: { pack: TensorPack } | { dims: Readonly<Record<string, readonly number[]>> },
    signal?: AbortSignal,
  ): Promise<TensorShape[]>;
  /** Statistics of inner tensors over all items of the pack, in the order asked for. */
  statistics(
    model: Uint8Array,
    pack: TensorPack,
    requests: readonly StatisticRequest[],
    signal?: AbortSignal,
  ): Promise<Statistic[]>;
  /** Values of output 0 for every item, `perItem` each. */
  outputs(model: Uint8Array, pack: TensorPack, signal?: AbortSignal): Promise<{ perItem: number; data: Float32Array }>;
  /** Predicted class of every item of the pack; for screening on validation data and for tests. */
  evaluate(model: Uint8Array, pack: TensorPack, signal?: AbortSignal): Promise<Evaluation>;
  /** Ends the child and removes its directory. Safe to call twice. */
  close(): Promise<void>;
}

/** A host with one warm child at most. Close it when done. */
export function createHost(options: HostOptions = {}): Host {
  const child = new HostProcess({
    dataBytesLimit: options.dataBytesLimit ?? 1024 ** 3,
    cpuSecondsLimit: options.cpuSecondsLimit ?? 120,
    wallMs: options.wallMs ?? 300_000,
  });
  return {
    capped: child.capped,
    platform: hostPlatform(),
    async optimize(model, { level }, signal) {
      const { file } = await child.ask({ call: 'optimize', level }, { model, signal });
      if (!file) throw new LabError('run.crashed', 'ONNX Runtime wrote no optimized model');
      return file;
    },
    async inspect(model, signal) {
      return (await child.ask({ call: 'inspect' }, { model, signal })).value;
    },
    async shapes(model, tensors, feed, signal) {
      const more = withOutputParts(model, tensors);
      if ('pack' in feed)
        return (await child.ask({ call: 'shapes', tensors }, { model: more, pack: feed.pack, signal })).value;
      return (await child.ask({ call: 'shapes', tensors, feeds: feed.dims }, { model: more, signal })).value;
    },
    async statistics(model, pack, requests, signal) {
      const ask = async (asked: readonly StatisticRequest[], ...more: Uint8Array[]): Promise<Statistic[]> => {
        const parts = [...withOutputParts(model, asked.flatMap(tensorsOf)), ...more];
        return (await child.ask({ call: 'statistics', requests: asked }, { model: parts, pack, signal })).value;
      };
      const reduced = withExtremes(model, requests);
      if (!reduced) return await ask(requests);
      try {
        return await ask(reduced.requests, reduced.more);
      } catch (error) {
        // A tensor of a type the runtime does not reduce, or an empty one: looked at here, value by value.
        if (!isLabError(error, 'model.op-unsupported') && !isLabError(error, 'run.model-rejected')) throw error;
        return await ask(requests);
      }
    },
    async outputs(model, pack, signal) {
      return (await child.ask({ call: 'outputs' }, { model, pack, signal })).value;
    },
    async evaluate(model, pack, signal) {
      return scored((await child.ask({ call: 'outputs' }, { model, pack, signal })).value, pack);
    },
    close: () => child.close(),
  };
}

function scored({ perItem, data }: { perItem: number; data: Float32Array }, pack: TensorPack): Evaluation {
  const predicted = new Int32Array(pack.items).fill(-1);
  if (perItem > 1) {
    for (let i = 0; i < pack.items; i++) {
      let best = 0;
      for (let k = 1; k < perItem; k++) if (data[i * perItem + k]! > data[i * perItem + best]!) best = k;
      predicted[i] = best;
    }
  }
  if (!pack.labels) return { predicted };
  let right = 0;
  for (let i = 0; i < pack.items; i++) if (predicted[i] === pack.labels[i]) right++;
  return { predicted, accuracy: right / pack.items };
}
