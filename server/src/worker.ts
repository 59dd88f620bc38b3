import type { MessagePort } from 'node:worker_threads';
import { errorText, isLabError } from '@hilltop/contracts';
import { frontierWork } from './frontier/frontier-task.js';
import type { TaskCall, TaskName, TaskResult } from './links/worker-pool.js';
import { checkModelWork } from './models/check-model-task.js';
import { observationsWork } from './runs/observations-task.js';
import { summarizeWork } from './summaries/summarize-task.js';
import { buildVariantWork } from './variants/build-variant-task.js';

type Work = (input: never, progress: (value: unknown) => void) => Promise<unknown> | unknown;

/** What worker threads can do. */
export const work = {
  'check-model': checkModelWork,
  'build-variant': buildVariantWork,
  summarize: summarizeWork,
  frontier: frontierWork,
  observations: observationsWork,
} satisfies Record<TaskName, Work>;

/** Entry of a worker thread. Failures travel as values, since an error class is lost on the way. */
export default async function run(call: TaskCall): Promise<TaskResult> {
  const port = call.progress as MessagePort | undefined;
  const task: Work = work[call.name];
  try {
    return { ok: true, value: await task(call.input as never, (value) => port?.postMessage(value)) };
  } catch (error) {
    if (isLabError(error))
      return { ok: false, error: { code: error.code, message: error.message, details: { ...error.details } } };
    return {
      ok: false,
      error: { code: 'lab.internal', message: `${call.name} failed: ${errorText(error)}`, details: {} },
    };
  } finally {
    port?.close();
  }
}
