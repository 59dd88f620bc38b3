import { runStates } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { cancelledBy, type JobStanding, jobOutcome, type RunCounts } from './job-outcome.js';

const counts = (some: Partial<RunCounts>): RunCounts => ({
  ...(Object.fromEntries(runStates.map((s) => [s, 0])) as RunCounts),
  ...some,
});
const job = (more: Partial<JobStanding> = {}): JobStanding => ({
  state: 'queued',
  error: null,
  maxFailures: null,
  ...more,
});

describe('jobOutcome', () => {
  it.each([
    ['waits', job(), counts({ queued: 2 }), { state: 'queued' }],
    ['has begun', job(), counts({ queued: 1, claimed: 1 }), { state: 'running' }],
    ['has one result', job(), counts({ queued: 1, succeeded: 1 }), { state: 'running' }],
    ['succeeded everywhere', job({ state: 'running' }), counts({ succeeded: 2 }), { state: 'succeeded' }],
    ['failed somewhere', job({ state: 'running' }), counts({ succeeded: 1, failed: 1 }), { state: 'failed' }],
    [
      'was cancelled',
      job({ error: cancelledBy('ann', undefined) }),
      counts({ succeeded: 1, cancelled: 1 }),
      { state: 'cancelled' },
    ],
    ['lost a device', job({ state: 'running' }), counts({ succeeded: 1, cancelled: 1 }), { state: 'failed' }],
  ] as const)('[JOB-5] a job that %s', (_, standing, some, outcome) => {
    expect(jobOutcome(standing, some)).toEqual(outcome);
  });

  it('[JOB-2] reaches its threshold once', () => {
    const some = counts({ running: 1, failed: 2 });
    const { stop } = jobOutcome(job({ maxFailures: 2 }), some);
    expect(stop).toMatchObject({ code: 'job.failure-threshold' });
    expect(jobOutcome(job({ maxFailures: 2, error: stop! }), some)).toEqual({ state: 'running' });
  });
});
