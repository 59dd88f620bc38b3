import type { HealthCheck } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { healthDots } from './health-model.js';

const check = (id: string, minute: number, more: Partial<HealthCheck>): HealthCheck => ({
  ...{ id, deviceId: 'dev_1', jobId: 'job_1', state: 'succeeded', createdAt: `2026-11-24T12:0${minute}:00.000Z` },
  ...more,
});

describe('health of a device', () => {
  it('[LABP-9] dots run from old to new, each with its reason and its run', () => {
    const dots = healthDots([
      check('e', 5, { state: 'waiting' }),
      check('d', 4, { state: 'unsupported' }),
      check('c', 3, {
        state: 'failed',
        healthy: false,
        error: { code: 'run.crashed', message: 'gone', cause: 'device' },
      }),
      check('b', 2, { healthy: false, latencyMs: 4.8, medianMs: 4, runId: 'run_b' }),
      check('a', 1, { healthy: true, latencyMs: 4, verdict: 'clean' }),
    ]);
    expect(dots.map(({ id, tone, href }) => [id, tone, href])).toEqual([
      ['a', 'ok', undefined],
      ['b', 'bad', '/runs/run_b'],
      ['c', 'bad', undefined],
      ['d', 'off', undefined],
      ['e', 'busy', undefined],
    ]);
    expect(dots[1]!.text).toContain('20 %');
    expect(dots[2]!.text).toContain('run.crashed');
  });
});
