import { isLabError, LabError } from '@hilltop/contracts';
import type { CompressEvent, Refusal } from './plan.js';

/** Nobody sees more progress than that. */
const progressMs = 100;

/** Lets the first word of a step through, then one every `progressMs`. */
export function seldom(tell: (event: CompressEvent) => void): (event: CompressEvent) => void {
  let [last, at] = ['', 0];
  return (event) => {
    if (event.kind !== 'progress') return tell(event);
    const { index, step } = event.progress;
    const [key, now] = [`${index} ${step}`, performance.now()];
    if (key === last && now - at < progressMs) return;
    [last, at] = [key, now];
    tell(event);
  };
}

/** A refusal, to be shown with the others. Throws what is none: `run.cancelled`, and mistakes of ours. */
export function refusalOf(error: unknown, signal: AbortSignal): Refusal {
  if (signal.aborted) throw new LabError('run.cancelled', 'stopped', {}, { cause: error });
  if (!isLabError(error) || error.code === 'run.cancelled') throw error;
  return { code: error.code, message: error.message, details: error.details };
}
