import { MessageChannel, type TransferListItem } from 'node:worker_threads';
import { type ErrorCode, errorText, isLabError, LabError } from '@hilltop/contracts';
import { Piscina } from 'piscina';

/** Everything that is too heavy for the event loop; `server/src/worker.ts` has one function for each. */
export const taskNames = [
  'check-model',
  'check-variant',
  'build-variant',
  'compile-plan',
  'summarize',
  'frontier',
  'comparison',
  'gate',
  'guide',
  'observations',
  'export-observations',
  'power',
  'patch',
  'deep-patch',
] as const;
export type TaskName = (typeof taskNames)[number];

/** Name of a task with the types of what goes in and comes out; made once, beside the function it names. */
export interface Task<Input, Output, Progress = never> {
  readonly name: TaskName;
  /** Only for the compiler. */
  readonly types?: { input: Input; output: Output; progress: Progress };
}

export interface TaskOptions<Progress> {
  /** The task is asked to end, so that it can end what it started; one that does not is ended with its thread. */
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
  /** Port for progress, and for `cancel` from the other side. */
  readonly port?: unknown;
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

/** Heavy ones, which start processes of their own, and what no agent and no screen waits for. */
const buildTasks: readonly TaskName[] = ['build-variant', 'compile-plan', 'check-model', 'check-variant', 'deep-patch'];
/** What is sent to a task that shall end. */
export const cancelWord = 'cancel';
/** A task that was told to end, and is in the middle of a computation, is ended with its thread after this. */
const graceMs = 2000;

/** Worker threads: builds in their own, so that a summary never waits behind one. */
export class ThreadPool extends WorkerPool {
  readonly #builds: Piscina;
  readonly #rest: Piscina;
  readonly #running = new Set<{ cancel: () => void; done: Promise<unknown> }>();

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
    if (options.signal?.aborted) throw stopped();
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (message: Progress) => options.onProgress?.(message));
    const call: TaskCall = { name: task.name, input, port: port2 };
    const end = new AbortController();
    let grace: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      port1.postMessage(cancelWord);
      grace ??= setTimeout(() => end.abort(), graceMs);
    };
    options.signal?.addEventListener('abort', cancel, { once: true });
    const running = this.#poolOf(task.name).run(call, {
      transferList: [...(options.transfer ?? []), port2] as TransferListItem[],
      signal: end.signal,
    });
    const entry = { cancel, done: running.catch(() => undefined) };
    this.#running.add(entry);
    try {
      return unwrap((await running) as TaskResult) as Output;
    } catch (error) {
      if (options.signal?.aborted || end.signal.aborted) throw stopped();
      if (isLabError(error)) throw error;
      throw new LabError('lab.internal', `${task.name} failed: ${errorText(error)}`, {}, { cause: error });
    } finally {
      clearTimeout(grace);
      this.#running.delete(entry);
      options.signal?.removeEventListener('abort', cancel);
      port1.close();
    }
  }

  /** Ends what runs, then the threads. */
  async close(): Promise<void> {
    const entries = [...this.#running];
    for (const { cancel } of entries) cancel();
    await Promise.all(entries.map(({ done }) => done));
    await Promise.all([this.#builds.destroy(), this.#rest.destroy()]);
  }

  #poolOf(name: TaskName): Piscina {
    return buildTasks.includes(name) ? this.#builds : this.#rest;
  }
}

const stopped = (): LabError => new LabError('run.cancelled', 'stopped');

function unwrap(result: TaskResult): unknown {
  if (result.ok) return result.value;
  throw new LabError(result.error.code, result.error.message, result.error.details);
}
