import type { MessagePort } from 'node:worker_threads';
import { errorText, isLabError } from '@hilltop/contracts';
import { comparisonWork } from './comparisons/comparison-task.js';
import { exportObservationsWork } from './exports/export-observations-task.js';
import { frontierWork } from './frontier/frontier-task.js';
import { gateWork } from './gates/gate-task.js';
import { guideWork } from './guides/guide-task.js';
import { cancelWord, type TaskCall, type TaskName, type TaskResult } from './links/worker-pool.js';
import { checkModelWork } from './models/check-model-task.js';
import { observationsWork } from './runs/observations-task.js';
import { patchWork } from './runs/patch-task.js';
import { powerWork } from './summaries/power-task.js';
import { summarizeWork } from './summaries/summarize-task.js';
import { buildVariantWork } from './variants/build-variant-task.js';
import { checkVariantWork } from './variants/check-variant-task.js';
import { compilePlanWork } from './variants/compile-plan-task.js';

type Work = (input: never, progress: (value: unknown) => void, signal: AbortSignal) => Promise<unknown> | unknown;

/** What worker threads can do. */
export const work = {
  'check-model': checkModelWork,
  'check-variant': checkVariantWork,
  'build-variant': buildVariantWork,
  'compile-plan': compilePlanWork,
  summarize: summarizeWork,
  frontier: frontierWork,
  comparison: comparisonWork,
  gate: gateWork,
  guide: guideWork,
  observations: observationsWork,
  'export-observations': exportObservationsWork,
  power: powerWork,
  patch: patchWork,
  'deep-patch': patchWork,
} satisfies Record<TaskName, Work>;

/** Entry of a worker thread. Failures travel as values, since an error class is lost on the way. */
export default async function run(call: TaskCall): Promise<TaskResult> {
  const port = call.port as MessagePort | undefined;
  const task: Work = work[call.name];
  const cancelled = new AbortController();
  port?.on('message', (message) => {
    if (message === cancelWord) cancelled.abort();
  });
  try {
    return { ok: true, value: await task(call.input as never, (value) => port?.postMessage(value), cancelled.signal) };
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
