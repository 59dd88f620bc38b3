import type { Device, EvidenceItem, Job, Run } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { orderDevices, summarizeDevices } from './devices/order-devices.js';
import { progressText } from './devices/progress-text.js';
import { jobShare, jobTitle, orderJobs } from './jobs/job-share.js';
import { phasesOf } from './run-phases/phases-model.js';
import { worstEvidence } from './run-verdict/worst-evidence.js';
import { orderRuns, traceRun } from './runs/order-runs.js';
import { storedTrace } from './trace/stored-trace.js';
import { latencyRange, longestOutside } from './trace/trace-options.js';

describe('devices', () => {
  it('what needs a person comes first, retired ones are gone', () => {
    const device = (name: string, state: Device['state']) => ({ name, state }) as Device;
    const all = [
      device('b10', 'available'),
      device('b9', 'available'),
      device('x', 'retired'),
      device('q', 'quarantined'),
      device('w', 'busy'),
      device('o', 'offline'),
    ];
    expect(orderDevices(all).map((d) => d.name)).toEqual(['q', 'w', 'b9', 'b10', 'o']);
    expect(summarizeDevices(orderDevices(all))).toBe('5 devices · 1 quarantined · 1 busy · 1 offline');
  });

  it('says the block as people count', () => {
    expect([
      progressText({ phase: 'measuring', block: 0, blocks: 5 }),
      progressText({ phase: 'fetching' }),
      progressText(undefined),
    ]).toEqual(['measuring, block 1 of 5', 'fetching', 'starting']);
  });
});

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

  it('phases: where it is, and how long it waited', () => {
    const at = (s: number): string => new Date(s * 1000).toISOString();
    const running = phasesOf(
      { state: 'running', queuedAt: at(0), claimedAt: at(42), startedAt: at(45) } as Run,
      { phase: 'measuring' },
      60_000,
    );
    expect(running.map((p) => `${p.name}:${p.state}`)).toEqual([
      'queued:done',
      'fetching:done',
      'loading:done',
      'warming-up:done',
      'measuring:now',
      'evaluating:ahead',
      'ended:ahead',
    ]);
    expect(running[0]!.detail).toBe('0:42');
    const failed = phasesOf(
      {
        state: 'failed',
        queuedAt: at(0),
        claimedAt: at(1),
        startedAt: at(2),
        endedAt: at(5),
        progress: { phase: 'loading', fraction: 0.1 },
      } as Run,
      undefined,
      0,
    );
    expect(failed.map((p) => p.state)).toEqual(['done', 'done', 'done', 'ahead', 'ahead', 'ahead', 'done']);
    expect(failed.at(-1)!.detail).toBe('failed after 0:03');
  });

  it('evidence: the worst of each signal, the worst signal first', () => {
    const item = (signal: string, level: EvidenceItem['level'], value: number, block: number): EvidenceItem => ({
      signal,
      level,
      value,
      block,
    });
    expect(
      worstEvidence([item('a', 'ok', 1, 0), item('a', 'ok', 2, 1), item('b', 'soft', 1, 0), item('b', 'ok', 9, 1)]),
    ).toEqual([item('b', 'soft', 1, 0), item('a', 'ok', 2, 1)]);
  });
});

describe('stored trace', () => {
  it('[DASH-7] blocks are holes apart, buckets never span two of them, absent numbers are left out', () => {
    const { t, low, mid, high } = storedTrace(
      { block: [0, 0, 0, 1, 1], latency_ms: [100, 300, 200, 400, null] },
      2,
    ).columns();
    expect(t.map((v) => Number(v.toFixed(3)))).toEqual([0, 0.7, 0.8]);
    expect([low, mid, high]).toEqual([
      [100, null, 400],
      [200, null, 400],
      [300, null, 400],
    ]);
  });

  it('the same run always looks the same', () => {
    const data = {
      block: Array.from({ length: 999 }, (_, i) => Math.floor(i / 333)),
      latency_ms: Array.from({ length: 999 }, (_, i) => 1 + (i % 7)),
    };
    expect(storedTrace(data, 50).columns()).toEqual(storedTrace(data, 50).columns());
    expect(storedTrace(data, 50).columns().t.length).toBeLessThanOrEqual(54);
  });

  it('[DASH-7] one very long inference does not flatten the picture, and is said', () => {
    const columns = [
      [0, 1, 2],
      [0.9, null, 0.8],
      [1, null, 1],
      [1.2, null, 40],
    ];
    const [low, high] = latencyRange(columns);
    expect([
      low < 0.8,
      high < 4,
      longestOutside(columns),
      longestOutside([[0], [1], [1], [1.1]]),
      latencyRange([[], [], [], []]),
    ]).toEqual([true, true, 40, undefined, [0, 1]]);
  });
});
