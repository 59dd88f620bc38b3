import type { Verdict } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Actor } from '../access/actor.js';
import { createLog } from '../log.js';
import { ended, started } from '../runs/testing/events.js';
import { RunBench } from '../runs/testing/run-bench.js';
import { CanaryService } from './canary.service.js';
import type { CanaryJobs } from './canary-jobs.js';
import { HealthRounds } from './health-rounds.js';
import { checkValidMs } from './health-rules.js';

const ann: Actor = { tokenId: 'tok_00000001', userId: 'usr_00000001', role: 'operator', name: 'ann' };
let bench: RunBench;
let canaries: CanaryService;
let rounds: HealthRounds;
let heard: boolean[];
let jobs = 0;

const jobId = (): string => `job_${String(++jobs).padStart(8, '0')}`;

beforeEach(async () => {
  bench = await RunBench.start();
  await bench.model();
  await bench.agents('pi-a');
  await begin();
});
afterEach(async () => {
  await canaries.onApplicationShutdown();
  await bench.close();
});

/** The service as it starts on what is in the database. */
async function begin(): Promise<void> {
  const submit = async (actor: Actor): Promise<string> => {
    const id = jobId();
    await bench.submit(id, { devices: ['pi-a'], purpose: 'canary', owner: actor.userId ?? actor.tokenId });
    return id;
  };
  const stub = { prepare: async () => undefined, submit } as unknown as CanaryJobs;
  canaries = new CanaryService(bench.database, bench.ledger, bench.devices, stub, createLog('silent'));
  await canaries.onApplicationBootstrap();
  rounds = new HealthRounds(bench.database, canaries);
  heard = [];
  canaries.checked.listen(({ healthy }) => heard.push(healthy));
}

async function settled(): Promise<void> {
  for (let n = 0; n < 3; n++) {
    await bench.settled();
    await canaries.settled();
  }
}

/** What runs now succeeds with such a latency. */
async function succeed(latencyMs: number, verdict: Verdict['verdict'] = 'clean'): Promise<void> {
  const { runId, fence } = bench.start('pi-a');
  await bench.journal('pi-a', started({ runId, fence }), ended({ runId, fence }, 0));
  await bench.ledger.write('test', async (entry) => {
    const run = (await entry.run(runId))!;
    await entry.finish(run, await entry.current(run), 'succeeded', {
      metrics: { latency_p50_ms: { value: latencyMs, n: 3, unit: 'ms' } },
      verdict: { verdict, reasons: [], evidence: [] },
    });
  });
  await settled();
}

/** What runs now fails for good. */
async function fail(cause: 'user' | 'device' = 'device'): Promise<void> {
  await bench.journal('pi-a', ended(bench.start('pi-a'), 0, { code: 'run.crashed', message: 'crash', cause }));
  await settled();
}

async function check(): Promise<void> {
  await canaries.check('pi-a', ann);
  await settled();
}

const device = async () => bench.devices.view(await bench.deviceOf('pi-a'));
const deviceId = async () => (await bench.deviceOf('pi-a')).id;

/** Enough of a past to compare with. */
async function past(): Promise<void> {
  for (let n = 0; n < 3; n++) {
    await check();
    await succeed(10);
  }
}

describe('health checks', () => {
  it('[HEALTH-1] [LABP-9] one at a time, kept with what was found out and the run that did', async () => {
    await check();
    await check();
    expect((await bench.runs()).length).toBe(1);
    await succeed(10);
    expect(await canaries.health('pi-a')).toMatchObject({
      failuresInARow: 0,
      checks: [{ state: 'succeeded', latencyMs: 10, healthy: true, verdict: 'clean', askedBy: 'ann' }],
    });
    const [run] = await bench.runs();
    expect((await canaries.health('pi-a')).checks[0]).toMatchObject({ runId: run!.id });
    expect((await device()).lastCheck).toEqual({ healthy: true, at: expect.any(String), jobId: run!.jobId });
    expect(heard).toEqual([true]);
  });

  it('[HEALTH-2] [HEALTH-3] one that is slow is looked at again at once; the second takes the device out', async () => {
    await past();
    await check();
    await succeed(12.5);
    expect(await device()).toMatchObject({ state: 'busy' });
    await succeed(12.5);
    expect(await device()).toMatchObject({ quarantine: { reason: expect.any(String) } });
    expect((await device()).quarantine?.by).toBeUndefined();
    expect(heard).toEqual([true, true, true, false, false]);
  });

  it('[HEALTH-4] two clean checks put back what the lab took out, and work goes on', async () => {
    await past();
    await check();
    await succeed(99);
    await succeed(99);
    await bench.job(jobId(), { devices: ['pi-a'] });
    // The lab looks again by itself.
    await succeed(10);
    expect((await device()).quarantine).toBeDefined();
    await succeed(10);
    expect((await device()).quarantine).toBeUndefined();
    expect(await bench.states()).toEqual([...Array(6).fill('succeeded'), 'claimed', 'succeeded']);
  });

  it('[HEALTH-3] three different runs that fail in a row by the device take it out; by a bad model they do not', async () => {
    for (let n = 0; n < 4; n++) {
      await bench.job(jobId(), { devices: ['pi-a'] });
      await fail('user');
    }
    expect((await device()).state).toBe('available');
    for (let n = 0; n < 3; n++) {
      expect((await device()).quarantine).toBeUndefined();
      await bench.job(jobId(), { devices: ['pi-a'] });
      await fail();
    }
    expect((await device()).quarantine).toBeDefined();
    await canaries.putBack(ann, 'pi-a');
    expect(await canaries.health('pi-a')).toMatchObject({ failuresInARow: 0 });
  });

  it('[HEALTH-5] what a person took out only a person puts back', async () => {
    await canaries.quarantine(ann, 'pi-a', { reason: 'new heat sink' });
    expect(await device()).toMatchObject({ state: 'quarantined', quarantine: { reason: 'new heat sink', by: 'ann' } });
    for (let n = 0; n < 3; n++) {
      await check();
      await succeed(10);
    }
    expect((await device()).state).toBe('quarantined');
    expect(await canaries.putBack(ann, 'pi-a')).toMatchObject({ state: 'available' });
    await past();
    await canaries.putBack(ann, 'pi-a');
    expect((await canaries.health('pi-a')).medianMs).toBeUndefined();
  });

  it('[HEALTH-6] a quarantine outlives its agent and the lab', async () => {
    await canaries.quarantine(ann, 'pi-a', { reason: 'hot' });
    bench.cut('pi-a');
    await bench.hello('pi-a');
    expect((await device()).state).toBe('quarantined');
    await check();
    await canaries.onApplicationShutdown();
    bench = await RunBench.start(await bench.stop());
    await begin();
    const runs = await bench.runs();
    await bench.hello('pi-a', { running: [{ runId: runs[0]!.id, fence: runs[0]!.fence! }] });
    expect(await device()).toMatchObject({ quarantine: { reason: 'hot' } });
    // The check that was under way is not forgotten either.
    await bench.jobRuns.cancel(runs[0]!.jobId, { code: 'run.cancelled', message: 'enough' });
    await bench.expire();
    await settled();
    expect(await canaries.health('pi-a')).toMatchObject({ checks: [{ state: 'cancelled' }] });
  });

  it('[HEALTH-7] healthy first: a check where the last good one is too old, none where it is recent', async () => {
    const id = await deviceId();
    expect(await rounds.ensureHealthy([id, 'dev_gone0000'])).toMatchObject({
      ...{ ready: [], waiting: [id] },
      refused: [{ deviceId: 'dev_gone0000', code: 'device.unknown' }],
    });
    await settled();
    expect(await rounds.ensureHealthy([id])).toMatchObject({ waiting: [id] });
    await succeed(10, 'disturbed');
    expect(await rounds.ensureHealthy([id])).toMatchObject({ ready: [id], waiting: [] });
    expect(await rounds.ensureHealthy([id], undefined, Date.now() + checkValidMs + 60_000)).toMatchObject({
      waiting: [id],
    });
    await settled();
    await fail('user');
    expect(await rounds.ensureHealthy([id])).toMatchObject({ ready: [id] });
    await canaries.quarantine(ann, id, { reason: 'hot' });
    expect(await rounds.ensureHealthy([id])).toMatchObject({ refused: [{ code: 'device.quarantined' }] });
  });
});
