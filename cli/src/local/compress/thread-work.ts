import type { MessagePort } from 'node:worker_threads';
import { errorText, isLabError } from '@hilltop/contracts';
import { type CompressEvent, type CompressPlan, cancelWord, type Refusal } from './plan.js';
import { compressWork } from './work.js';

/** What the thread says: events, then one of the last two. A LabError does not survive the way as itself. */
export type ThreadMessage =
  | CompressEvent
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: Refusal };

/** The thread's own work: carries out the plan and says how it ended. */
export async function runInThread(port: MessagePort, plan: CompressPlan): Promise<void> {
  const say = (message: ThreadMessage): void => port.postMessage(message);
  const cancelled = new AbortController();
  port.on('message', (message) => {
    if (message === cancelWord) cancelled.abort();
  });
  try {
    await compressWork(plan, say, cancelled.signal);
    say({ kind: 'done' });
  } catch (error) {
    const { code, details } = isLabError(error) ? error : { code: 'lab.internal', details: {} };
    say({ kind: 'failed', error: { code, message: errorText(error), details: { ...details } } });
  } finally {
    port.close();
  }
}
