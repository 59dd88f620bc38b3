import type { Run } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { orderRuns, traceRun, traceRuns } from './order-runs.js';

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

  it('[DASH-18] at most four traces side by side, by device; where nothing is measured, the last that ended', () => {
    const at = (id: string, deviceName: string) => run(id, 'running', { deviceName });
    const all = [
      at('1', 'd'),
      at('2', 'b'),
      at('3', 'a'),
      at('4', 'c'),
      at('5', 'e'),
      run('6', 'succeeded', { endedAt: '9' }),
    ];
    expect(traceRuns(all).map((r) => r.deviceName)).toEqual(['a', 'b', 'c', 'd']);
    expect(traceRuns([run('6', 'succeeded', { endedAt: '9' }), run('7', 'queued')]).map((r) => r.id)).toEqual(['6']);
    expect(traceRuns([run('7', 'queued')])).toEqual([]);
  });
});
