import type { RunError } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cancelledBy } from '../jobs/job-outcome.js';
import { AttemptEntity } from './attempt.entity.js';
import { cancelled, ended, observed, preparing, started, wholeRun } from './testing/events.js';
import { RunBench } from './testing/run-bench.js';

const crash: RunError = { code: 'run.crashed', message: 'the child crashed', cause: 'user' };
const broken: RunError = { code: 'run.interrupted', message: 'the agent was restarted', cause: 'infrastructure' };

describe('runs', () => {
  let bench: RunBench;
  beforeEach(async () => {
    bench = await RunBench.start();
    await bench.model(['fp32', 'int8']);
  });
  afterEach(() => bench.close());

  it('[JOB-1] every device gets every variant once under each setting', async () => {
    await bench.agents('pi-a', 'pi-b');
    await bench.job('job_00000001', {
      devices: ['pi-a', 'pi-b'],
      settings: [
        { threads: 1, graphLevel: 'all' },
        { threads: 2, graphLevel: 'all' },
      ],
    });
    const runs = await bench.runs();
    expect(new Set(runs.map((run) => `${run.deviceId} ${run.recipe} ${run.settings.threads}`)).size).toBe(8);
    expect(runs).toHaveLength(8);
  });

  it('[RT-12] a run with a runtime that its host does not have fails at once, and nothing else does', async () => {
    await bench.agents('pi-a');
    const settings = [{ runtime: 'tflite' }, {}].map((more) => ({ threads: 1, graphLevel: 'all' as const, ...more }));
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'], settings });
    const runs = await bench.runs();
    expect(runs.map((run) => [run.settings.runtime, run.state, run.error?.code])).toEqual([
      ['tflite', 'failed', 'runtime.missing'],
      [undefined, 'claimed', undefined],
    ]);
  });

  it('[RT-15] a batch for another runtime and a power mode that a host does not offer fail at once', async () => {
    await bench.agents('pi-a');
    const settings = [{ powerMode: 'MAXN' }, { batch: 8 }].map((more) => ({
      threads: 1,
      graphLevel: 'all' as const,
      ...more,
    }));
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'], settings });
    expect((await bench.runs()).map((run) => [run.state, run.error?.code])).toEqual([
      ['failed', 'runtime.setting-unsupported'],
      ['claimed', undefined],
    ]);
  });

  it('[CLAIM-1] a claim takes the next fence of the device and tells its agent to start', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const device = await bench.deviceOf('pi-a');
    expect(device).toMatchObject({ fence: 1, state: 'busy', queued: 1 });
    expect(bench.start('pi-a')).toMatchObject({
      runId: device.currentRunId,
      fence: 1,
      attempt: 1,
      deviceId: device.id,
      deviceKey: 'host',
    });
    expect(await bench.states()).toEqual(['claimed', 'queued']);
  });

  it('[CLAIM-2] the database itself forbids two held attempts on one device', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const [held] = await bench.attempts();
    const other = (await bench.runs())[1]!;
    const twice = bench.database.write((manager) =>
      manager.insert(AttemptEntity, { ...held!, runId: other.id, fence: 9 }),
    );
    await expect(twice).rejects.toThrow(/UNIQUE/);
  });

  it('[RUN-1] an agent leads a run through its states; a complete result is reported', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'] });
    const start = bench.start('pi-a');
    const seen: string[] = [];
    for (const event of wholeRun(start)) {
      await bench.journal('pi-a', event);
      seen.push((await bench.states())[0]!);
    }
    expect(seen).toEqual(['preparing', 'running', 'running', 'reporting']);
  });

  it('[RUN-2] a failure of the infrastructure is tried again, three times in all', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'] });
    for (const n of [1, 2, 3]) {
      const start = bench.start('pi-a');
      expect([start.attempt, start.fence]).toEqual([n, n]);
      await bench.journal('pi-a', preparing(start), ended(start, 0, broken));
    }
    expect((await bench.runs())[0]).toMatchObject({
      state: 'failed',
      attempt: 3,
      error: { code: 'run.interrupted', cause: 'infrastructure' },
    });
    expect((await bench.attempts()).map((a) => a.state)).toEqual(['failed', 'failed', 'failed']);
  });

  it('[RUN-3] a failure of the model is final, with its cause, and the device goes on', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const start = bench.start('pi-a');
    await bench.journal('pi-a', started(start), ended(start, 0, crash));
    expect((await bench.runs())[0]).toMatchObject({ state: 'failed', attempt: 1, error: crash });
    expect(await bench.states()).toEqual(['failed', 'claimed']);
  });

  it('[RUN-4] a claim that is not renewed runs out: the run is lost and waits until its agent is heard again', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'] });
    await bench.expire();
    expect(await bench.states()).toEqual(['queued']);
    expect(await bench.deviceOf('pi-a')).toMatchObject({ state: 'offline', currentRunId: null });
    await bench.hello('pi-a');
    expect(bench.start('pi-a')).toMatchObject({ attempt: 2, fence: 2 });
  });

  it('[RUN-5] a late complete result counts while no newer attempt has started', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'] });
    const start = bench.start('pi-a');
    await bench.journal('pi-a', started(start), observed(start, 0));
    await bench.expire();
    await bench.journal('pi-a', ended(start, 1));
    expect((await bench.runs())[0]).toMatchObject({ state: 'reporting', attempt: 1, fence: 1 });
  });

  it('[RUN-6] a late result is superseded when a newer attempt has started', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'] });
    const old = bench.start('pi-a');
    await bench.journal('pi-a', started(old), observed(old, 0));
    await bench.expire();
    await bench.hello('pi-a');
    const fresh = bench.start('pi-a');
    await bench.journal('pi-a', started(fresh), ended(old, 1), observed(fresh, 0), ended(fresh, 1));
    expect((await bench.attempts()).map((a) => [a.n, a.state])).toEqual([
      [1, 'superseded'],
      [2, 'reporting'],
    ]);
    expect((await bench.runs())[0]).toMatchObject({ state: 'reporting', attempt: 2 });
  });

  it('[RUN-5] a newer attempt that was granted but has not started gives way to the older result', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'] });
    const old = bench.start('pi-a');
    await bench.journal('pi-a', started(old), observed(old, 0));
    await bench.expire();
    await bench.hello('pi-a');
    await bench.journal('pi-a', ended(old, 1));
    expect((await bench.attempts()).map((a) => [a.n, a.state])).toEqual([
      [1, 'reporting'],
      [2, 'cancelled'],
    ]);
    expect(bench.told('pi-a', 'down/run.cancel')).toEqual([expect.objectContaining({ runId: old.runId, fence: 2 })]);
  });

  it('[RUN-5] its agent is not taken for silent afterwards', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'] });
    const start = bench.start('pi-a');
    await bench.journal('pi-a', started(start), observed(start, 0));
    await bench.expire();
    await bench.journal('pi-a', ended(start, 1));
    for (let i = 0; i < 3; i++) {
      await bench.say('pi-a', 'up/heartbeat', { bootId: 'boot', renew: [], devices: [] });
      await bench.pass(10_000);
    }
    expect(await bench.deviceOf('pi-a')).toMatchObject({ state: 'busy' });
  });

  it('[RUN-8] what comes after the end of an attempt is not added to it', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'] });
    const start = bench.start('pi-a');
    await bench.journal('pi-a', ...wholeRun(start), observed(start, 1));
    await bench.journal('pi-a', ended(start, 2, { code: 'run.crashed', message: 'late', cause: 'infrastructure' }));
    expect(await bench.attempts()).toMatchObject([{ state: 'reporting', batches: 1 }]);
    expect(await bench.states()).toEqual(['reporting']);
  });

  it('[RUN-7] observations with a hole fail the attempt; missing batches do, too', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'] });
    const first = bench.start('pi-a');
    await bench.journal('pi-a', started(first), observed(first, 0), observed(first, 2));
    const second = bench.start('pi-a');
    await bench.journal('pi-a', started(second), observed(second, 0), ended(second, 2));
    expect((await bench.attempts()).map((a) => a.error?.code)).toEqual(['journal.gap', 'journal.gap', undefined]);
    expect(bench.start('pi-a').attempt).toBe(3);
  });

  it('[RUN-8] what an agent says about a run that is not its own changes nothing', async () => {
    await bench.agents('pi-a', 'pi-b');
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'] });
    const start = bench.start('pi-a');
    await bench.journal('pi-b', started(start), ended(start, 0));
    expect(await bench.states()).toEqual(['claimed']);
    expect(bench.told('pi-b', 'down/ack').at(-1)).toEqual({ journalId: 'journal-pi-b', nextSeq: 3 });
  });

  it('[RUN-9] a cancelled job ends what waits at once, and what runs when its agent has stopped', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
    const start = bench.start('pi-a');
    await bench.journal('pi-a', started(start));
    await bench.jobRuns.cancel('job_00000001', cancelledBy('ann', undefined));
    await bench.settled();
    expect(await bench.states()).toEqual(['running', 'cancelled']);
    expect(bench.told('pi-a', 'down/run.cancel')).toEqual([
      { runId: start.runId, fence: 1, reason: 'cancelled by ann' },
    ]);
    await bench.journal('pi-a', cancelled(start));
    expect(await bench.states()).toEqual(['cancelled', 'cancelled']);
    expect(await bench.jobRow('job_00000001')).toMatchObject({ state: 'cancelled', error: { code: 'run.cancelled' } });
  });

  it('[RUN-9] a cancelled run whose agent is gone ends with its claim', async () => {
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'], recipes: ['fp32'] });
    bench.cut('pi-a');
    await bench.jobRuns.cancel('job_00000001', cancelledBy('ann', undefined));
    await bench.expire();
    expect(await bench.jobRow('job_00000001')).toMatchObject({ state: 'cancelled' });
  });

  it('[JOB-2] a failure threshold stops the rest', async () => {
    await bench.agents('pi-a', 'pi-b');
    await bench.job('job_00000001', { devices: ['pi-a', 'pi-b'], maxFailures: 1 });
    const [a, b] = [bench.start('pi-a'), bench.start('pi-b')];
    await bench.journal('pi-a', started(a), ended(a, 0, crash));
    expect(bench.told('pi-b', 'down/run.cancel')).toHaveLength(1);
    await bench.journal('pi-b', cancelled(b));
    expect(await bench.jobRow('job_00000001')).toMatchObject({
      state: 'failed',
      error: { code: 'job.failure-threshold' },
    });
    expect((await bench.states()).sort()).toEqual(['cancelled', 'cancelled', 'cancelled', 'failed']);
  });

  it('[JOB-3] a job measures on so many devices at a time', async () => {
    await bench.agents('pi-a', 'pi-b', 'pi-c');
    await bench.job('job_00000001', { devices: ['pi-a', 'pi-b', 'pi-c'], recipes: ['fp32'], parallel: 2 });
    expect((await bench.states()).filter((state) => state === 'claimed')).toHaveLength(2);
    const start = bench.start('pi-a');
    await bench.journal('pi-a', started(start), ended(start, 0, crash));
    expect((await bench.states()).filter((state) => state === 'claimed')).toHaveLength(2);
    expect(bench.told('pi-c', 'down/run.start')).toHaveLength(1);
  });

  it('[JOB-4] each device has its own progress and cause', async () => {
    await bench.agents('pi-a', 'pi-b');
    await bench.job('job_00000001', { devices: ['pi-a', 'pi-b'], recipes: ['fp32'] });
    const start = bench.start('pi-a');
    await bench.journal('pi-a', started(start), ended(start, 0, crash));
    const progress = (await bench.jobRuns.progress(['job_00000001'])).get('job_00000001')!;
    expect(progress.devices).toEqual([
      expect.objectContaining({ deviceName: 'pi-a', total: 1, done: 1, failed: 1, error: crash }),
      expect.objectContaining({ deviceName: 'pi-b', total: 1, done: 0, failed: 0 }),
    ]);
    expect(progress.counts).toMatchObject({ failed: 1, claimed: 1 });
  });
});
