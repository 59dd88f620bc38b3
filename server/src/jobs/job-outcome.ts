import { type Job, type JobState, type RunState } from '@hilltop/contracts';

export type RunCounts = Record<RunState, number>;

export interface JobStanding {
  readonly state: JobState;
  readonly error: NonNullable<Job['error']> | null;
  readonly maxFailures: number | null;
}

export interface JobOutcome {
  readonly state: JobState;
  /** Set when the job must stop now: what still waits is cancelled, what runs is told to. */
  readonly stop?: NonNullable<Job['error']>;
}

/** Code of a job that a person cancelled. */
const cancelledCode = 'run.cancelled';

/** What a job's runs say about it: it ends when all of them have. */
export function jobOutcome(job: JobStanding, counts: RunCounts): JobOutcome {
  const ended = counts.succeeded + counts.failed + counts.cancelled;
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  if (ended < total) {
    const begun = ended + counts.claimed + counts.preparing + counts.running + counts.reporting + counts.lost > 0;
    const state = begun ? 'running' : job.state;
    if (job.error === null && job.maxFailures !== null && counts.failed >= job.maxFailures) {
      return {
        state,
        stop: {
          code: 'job.failure-threshold',
          message: `${counts.failed} runs failed; the rest was stopped`,
          cause: 'user',
        },
      };
    }
    return { state };
  }
  if (job.error?.code === cancelledCode) return { state: 'cancelled' };
  return { state: counts.succeeded === total && job.error === null ? 'succeeded' : 'failed' };
}

/** Why a job that a person cancelled stops. */
export const cancelledBy = (name: string, reason: string | undefined): NonNullable<Job['error']> => ({
  code: cancelledCode,
  message: reason ? `cancelled by ${name}: ${reason}` : `cancelled by ${name}`,
  cause: 'user',
});
