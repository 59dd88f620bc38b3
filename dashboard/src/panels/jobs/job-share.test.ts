import type { Job } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { jobShare, jobTitle, orderJobs } from './job-share.js';

describe('jobs', () => {
  const counts = {
    queued: 1,
    claimed: 0,
    preparing: 0,
    running: 1,
    reporting: 0,
    succeeded: 4,
    failed: 2,
    cancelled: 0,
    lost: 0,
  };

  it('what failed is done as well', () => {
    expect(jobShare({ counts })).toEqual({ total: 8, done: 6, failed: 2, fraction: 0.75, failedFraction: 0.25 });
    expect(jobShare({ counts: { ...counts, queued: 0, running: 0, succeeded: 0, failed: 0 } }).fraction).toBe(0);
  });

  it('open ones first, then the newest', () => {
    const job = (state: Job['state'], createdAt: string) => ({ state, createdAt });
    expect(
      orderJobs([job('succeeded', '3'), job('running', '1'), job('failed', '4'), job('queued', '2')]).map(
        (j) => j.createdAt,
      ),
    ).toEqual(['2', '1', '4', '3']);
    expect(jobTitle({ modelName: 'net', recipes: ['fp32'] } as Job)).toBe('net: fp32');
  });
});
