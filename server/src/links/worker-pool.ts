import { MessageChannel, type TransferListItem } from 'node:worker_threads';
import { type ErrorCode, errorText, isLabError, LabError } from '@hilltop/contracts';
import { Piscina } from 'piscina';

/** Everything that is too heavy for the event loop; `server/src/worker.ts` has one function for each. */
export const taskNames = ['check-model', 'build-variant', 'summarize', 'frontier', 'observations'] as const;
export type TaskName = (typeof taskNames)[number];

/** Name of a task with the types of what goes in and comes out; made once, beside the function it names. */
export interface Task<Input, Output, Progress = never> {
  readonly name: TaskName;
  /** Only for the compiler. */
  readonly types?: { input: Input; output: Output; progress: Progress };
}

export interface TaskOptions<Progress> {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Buffers that move instead of being copied; the sender must not use them afterwards. */
  readonly transfer?: readonly ArrayBuffer[];
}

/** Runs tasks off the event loop. Failures arrive as the LabError that the task threw. */
export abstract class WorkerPool {
  abstract run<Input, Output, Progress>(
    task: Task<Input, Output, Progress>,
    input: Input,
    options?: TaskOptions<Progress>,
  ): Promise<Output>;
  abstract close(): Promise<void>;
}

/** What travels to a worker thread and back: a LabError does not survive structured cloning as itself. */
export interface TaskCall {
  readonly name: TaskName;
  readonly input: unknown;
  readonly progress?: unknown;
}
export type TaskResult =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly details: Record<string, unknown> };
    };

export interface ThreadPoolOptions {
  /** Compiled `worker-entry.cts`. */
  readonly entry: URL;
  /** Variants built at the same time; everything else shares as many threads again. */
  readonly builds: number;
}

/** Worker threads: builds in their own, so that a summary never waits behind one. */
export class ThreadPool extends WorkerPool {
  readonly #builds: Piscina;
  readonly #rest: Piscina;

  constructor(options: ThreadPoolOptions) {
    super();
    const filename = options.entry.href;
    const idleTimeout = 30_000;
    // A hostile file may cost its own thread, never the process.
    const resourceLimits = { maxOldGenerationSizeMb: 2048 };
    this.#builds = new Piscina({
      filename,
      minThreads: 0,
      maxThreads: options.builds,
      idleTimeout,
      resourceLimits,
      atomics: 'disabled',
    });
    // One stays warm: the first summary of a lab should not pay for the start of a thread.
    this.#rest = new Piscina({
      filename,
      minThreads: 1,
      maxThreads: options.builds,
      idleTimeout,
      resourceLimits,
      atomics: 'disabled',
    });
  }

  async run<Input, Output, Progress>(
    task: Task<Input, Output, Progress>,
    input: Input,
    options: TaskOptions<Progress> = {},
  ): Promise<Output> {
    const pool = task.name === 'build-variant' || task.name === 'check-model' ? this.#builds : this.#rest;
    const channel = options.onProgress && new MessageChannel();
    channel?.port1.on('message', (message: Progress) => options.onProgress?.(message));
    const call: TaskCall = { name: task.name, input, ...(channel && { progress: channel.port2 }) };
    const transferList: TransferListItem[] = [...(options.transfer ?? []), ...(channel ? [channel.port2] : [])];
    try {
      return unwrap((await pool.run(call, { transferList, signal: options.signal ?? null })) as TaskResult) as Output;
    } catch (error) {
      if (isLabError(error)) throw error;
      if (options.signal?.aborted) throw new LabError('run.cancelled', 'stopped');
      throw new LabError('lab.internal', `${task.name} failed: ${errorText(error)}`, {}, { cause: error });
    } finally {
      channel?.port1.close();
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#builds.destroy(), this.#rest.destroy()]);
  }
}

function unwrap(result: TaskResult): unknown {
  if (result.ok) return result.value;
  throw new LabError(result.error.code, result.error.message, result.error.details);
}
