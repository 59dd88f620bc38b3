import type { Run } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { orderRuns, traceRun } from './order-runs.js';

describe('runs', () => {
  const run = (id: string, state: Run['state'], more: Partial<Run> = {}) =>
    ({ id, state, queuedAt: id, ...more }) as Run;

  it('under way, then ended with the newest first, then waiting; the trace is of the one under way', () => {
    const all = [
      run('1', 'queued'),
      run('2', 'succeeded', { endedAt: '5' }),
      run('3', 'running'),
      run('4', 'failed', { endedAt: '6' }),
    ];
    expect(orderRuns(all).map((r) => r.id)).toEqual(['3', '4', '2', '1']);
    expect([traceRun(all)?.id, traceRun([run('1', 'queued')])]).toEqual(['3', undefined]);
  });
});
