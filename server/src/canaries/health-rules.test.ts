import { describe, expect, it } from '@jest/globals';
import {
  type Check,
  failuresInARow,
  judgeCheck,
  mayReturn,
  medianOf,
  quarantineReason,
  type Try,
} from './health-rules.js';

const good = (latencyMs: number | null = 10, verdict: Check['verdict'] = 'clean'): Check => ({
  ...{ state: 'succeeded', healthy: true, verdict, latencyMs },
});
const slow: Check = { state: 'succeeded', healthy: false, verdict: 'clean', latencyMs: 13 };
const failed: Check = { state: 'failed', healthy: false, verdict: null, latencyMs: null };
const cancelled: Check = { state: 'cancelled', healthy: null, verdict: null, latencyMs: null };
const past = [good(9), good(10), good(11)];
const run = (latencyMs: number | null) => ({ state: 'succeeded', error: null, latencyMs });
const error = (cause: 'user' | 'device' | 'infrastructure') => ({ code: 'run.crashed', message: '', cause });

describe('judgeCheck', () => {
  it('[HEALTH-2] compares with the middle of its own clean checks, once there are three', () => {
    expect(judgeCheck(run(12), past)).toEqual({ state: 'succeeded', healthy: true, medianMs: 10 });
    expect(judgeCheck(run(12.1), past)).toEqual({ state: 'succeeded', healthy: false, medianMs: 10 });
    expect(judgeCheck(run(99), past.slice(1))).toEqual({ state: 'succeeded', healthy: true, medianMs: null });
    expect(judgeCheck(run(null), past)).toMatchObject({ healthy: true });
    expect(medianOf([slow, slow, slow, good(9, 'disturbed'), failed, ...past])).toBe(10);
  });

  it('[HEALTH-2] a failure is one, unless the device cannot run the canary at all or somebody cancelled', () => {
    const state = (one: { state: string; error: ReturnType<typeof error> | null }) =>
      judgeCheck({ ...one, latencyMs: null }, past);
    expect(state({ state: 'failed', error: error('device') })).toMatchObject({ state: 'failed', healthy: false });
    expect(state({ state: 'failed', error: error('user') })).toMatchObject({ state: 'unsupported', healthy: null });
    expect(state({ state: 'cancelled', error: null })).toMatchObject({ state: 'cancelled', healthy: null });
  });
});

describe('failuresInARow', () => {
  const one = (runId: string, state: string, cause?: 'user' | 'device' | 'infrastructure'): Try => ({
    ...{ runId, state, error: cause ? error(cause) : null },
  });

  it('[HEALTH-3] counts different runs up to the last success; a bad model and a cancelled run say nothing', () => {
    expect(
      failuresInARow([
        one('d', 'failed', 'device'),
        one('c', 'cancelled'),
        one('c2', 'failed', 'user'),
        one('b', 'lost', 'infrastructure'),
        one('b', 'failed', 'infrastructure'),
        one('a', 'succeeded'),
        one('z', 'failed', 'device'),
      ]),
    ).toBe(2);
  });
});

describe('quarantineReason', () => {
  it('[HEALTH-3] three failures or two bad checks in a row are evidence, one is not', () => {
    expect(quarantineReason([], 2)).toBeUndefined();
    expect(quarantineReason([], 3)).toBeDefined();
    expect(quarantineReason([slow, good(), slow], 0)).toBeUndefined();
    expect(quarantineReason([slow, cancelled, failed], 0)).toBeDefined();
    expect(quarantineReason([cancelled, good(10, 'disturbed'), failed, failed], 0)).toBeUndefined();
  });
});

describe('mayReturn', () => {
  it('[HEALTH-4] after two clean checks in a row, and no sooner', () => {
    expect(mayReturn([good(), good()])).toBe(true);
    expect(mayReturn([good(), cancelled, good(), failed])).toBe(true);
    expect(mayReturn([good()])).toBe(false);
    expect(mayReturn([good(), slow, good()])).toBe(false);
    expect(mayReturn([good(), good(10, 'disturbed')])).toBe(false);
  });
});
