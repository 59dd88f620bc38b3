import { protocolOf, type Run } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { phaseTimes } from './phase-times.js';
import { phasesOf } from './phases-model.js';
import { blocksOf, reachedWidth, stopRule } from './stop-rule.js';

const host = { isBoard: false, isEmulated: false };

describe('phases of a run', () => {
  it('[RUNP-3] what the agent timed stands at its phase, and nothing at a phase that nobody timed or that is ahead', () => {
    const at = (s: number): string => new Date(s * 1000).toISOString();
    const run = {
      state: 'succeeded',
      queuedAt: at(0),
      queueSeconds: 7,
      claimedAt: at(9),
      startedAt: at(12),
      endedAt: at(60),
    };
    const times = phaseTimes(
      { rows: 2, columns: { load_ms: [100, 300], measured_ms: [10_000, 11_000] } },
      { rows: 1, columns: { latency_ms: [null] } },
    );
    expect(times).toEqual({ loadingMs: 400, measuringMs: 21_000 });
    const details = Object.fromEntries(phasesOf(run as Run, undefined, 0, times).map((p) => [p.name, p.detail]));
    expect(details).toEqual({
      queued: '0:07',
      fetching: '3.0\u00a0s',
      loading: '400\u00a0ms',
      'warming-up': undefined,
      measuring: '0:21',
      evaluating: undefined,
      ended: 'succeeded after 0:48',
    });
    const running = phasesOf(
      { ...run, state: 'running', endedAt: undefined } as unknown as Run,
      { phase: 'loading' },
      0,
      times,
    );
    expect(running.find((p) => p.name === 'measuring')!.detail).toBeUndefined();
    expect([
      phaseTimes(undefined, undefined),
      phaseTimes({ rows: 0, columns: { load_ms: [], measured_ms: [] } }, undefined),
    ]).toEqual([{}, {}]);
  });

  it('[RUNP-4] the rule that ends a run is that of its protocol and device', () => {
    const rule = (name: 'quick' | 'strict', device: typeof host): string =>
      stopRule({ protocol: protocolOf(name) }, device);
    expect(rule('quick', host)).toMatch(/3 blocks.*400.*30/);
    expect(rule('strict', host)).toMatch(/5 blocks.*p90.*99/);
    expect(rule('quick', { isBoard: true, isEmulated: true })).toMatch(/3 loops of 3 /);
    expect(rule('quick', { isBoard: true, isEmulated: false })).toMatch(/400/);
  });

  it('[RUNP-4] blocks that are over, never more than there are; the width only where the lab gave an interval', () => {
    const run = { state: 'running', protocol: protocolOf('quick') } as Run;
    expect([
      blocksOf(run, undefined),
      blocksOf(run, { phase: 'measuring', block: 1, blocks: 3 }),
      blocksOf(run, { phase: 'fetching' }),
      blocksOf(run, { phase: 'evaluating' }),
      blocksOf({ ...run, state: 'succeeded' }, undefined),
    ]).toEqual([undefined, { done: 1, all: 3 }, undefined, { done: 3, all: 3 }, { done: 3, all: 3 }]);
    const p50 = { value: 10, low: 9.9, high: 10.2, n: 3, unit: 'ms' };
    expect(reachedWidth({ metrics: { latency_p50_ms: p50 } })).toMatch(/2\.0/);
    expect([
      reachedWidth({ metrics: {} }),
      reachedWidth({ metrics: { latency_p50_ms: { value: 10, n: 1, unit: 'ms' } } }),
    ]).toEqual([undefined, undefined]);
  });
});
