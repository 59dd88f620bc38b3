import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, errorText, LabError } from '@hilltop/contracts';
import { type CompressEvent, type CompressPlan, cancelWord } from './plan.js';
import type { ThreadMessage } from './thread-work.js';

/** Carries out a plan; rejects with a LabError. */
export type CompressEngine = (
  plan: CompressPlan,
  onEvent: (event: CompressEvent) => void,
  signal: AbortSignal,
) => Promise<void>;

/** A thread that was told to end, and is in the middle of a computation, is ended with force after this. */
const graceMs = 500;
/** Of JavaScript's own heap; tensors lie outside of it. */
const heapMegabytes = 2048;

/** The compiled entry: beside this file, or in dist when this file runs from source (tests). */
function entry(): URL {
  const beside = new URL('./thread-entry.cjs', import.meta.url);
  return existsSync(beside) ? beside : new URL('../../../dist/local/compress/thread-entry.cjs', import.meta.url);
}

/** Off this thread, so that Ctrl-C is heard in the middle of a computation. */
export const compressInThread: CompressEngine = (plan, onEvent, signal) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(entry(), {
      workerData: plan,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    });
    let grace: NodeJS.Timeout | undefined;
    let ending: (() => void) | undefined;
    const cancel = (): void => {
      worker.postMessage(cancelWord);
      grace = setTimeout(() => void worker.terminate(), graceMs);
    };
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'done') ending = resolve;
      else if (message.kind === 'failed') {
        const { code, message: text, details } = message.error;
        ending = () => reject(new LabError(code as ErrorCode, text, details));
      } else onEvent(message);
    });
    worker.on('error', (error) => {
      ending = () =>
        reject(new LabError('lab.internal', `compressing failed: ${errorText(error)}`, {}, { cause: error }));
    });
    worker.on('exit', () => {
      clearTimeout(grace);
      signal.removeEventListener('abort', cancel);
      if (signal.aborted) reject(new LabError('run.cancelled', 'stopped'));
      else if (ending) ending();
      else reject(new LabError('lab.internal', 'compressing ended without a word'));
    });
  });
