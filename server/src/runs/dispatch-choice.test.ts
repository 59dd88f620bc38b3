import { describe, expect, it } from '@jest/globals';
import { chooseRuns, type DispatchHead } from './dispatch-choice.js';

const head = (position: number, deviceId: string, jobId = 'a', parallel: number | null = null): DispatchHead => ({
  runId: `run-${position}`,
  jobId,
  deviceId,
  agentId: deviceId,
  position,
  parallel,
});
const chosen = (heads: readonly DispatchHead[], held = new Map<string, number>()) =>
  chooseRuns(heads, held).map((h) => h.position);

describe('chooseRuns', () => {
  it('[JOB-6] takes the oldest for each device', () => {
    expect(chosen([head(4, 'y'), head(2, 'x', 'b'), head(1, 'x'), head(3, 'y')])).toEqual([1, 3]);
  });

  it('[JOB-6] a job at its limit holds up nobody behind it', () => {
    expect(chosen([head(1, 'x', 'a', 1), head(2, 'y', 'a', 1), head(3, 'y', 'b')])).toEqual([1, 3]);
  });

  it('[JOB-3] counts what is held already', () => {
    expect(chosen([head(1, 'x', 'a', 2), head(2, 'y', 'a', 2)], new Map([['a', 1]]))).toEqual([1]);
  });
});
