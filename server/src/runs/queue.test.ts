import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ReservationEntity } from '../leases/reservation.entity.js';
import { AttemptEntity } from './attempt.entity.js';
import { queueHeads } from './queue-heads.js';
import { RunEntity } from './run.entity.js';
import { runView } from './run-view.js';
import { ended, wholeRun } from './testing/events.js';
import { RunBench } from './testing/run-bench.js';

let bench: RunBench;
beforeEach(async () => {
  bench = await RunBench.start();
  await bench.model(['fp32', 'int8']);
});
afterEach(() => bench.close());

const aMinuteAgo = (): string => new Date(Date.now() - 60_000).toISOString();
const jobId = (name: string): string => `job_${name.padEnd(8, '0')}`;

/** Job and recipe of what the device does now. */
async function doing(agentId: string): Promise<string | undefined> {
  const { currentRunId } = await bench.deviceOf(agentId);
  const run = (await bench.runs()).find(({ id }) => id === currentRunId);
  return run && `${run.jobId.slice(4).replace(/0+$/, '')} ${run.recipe}`;
}

/** Ends what the device does now. */
const end = (agentId: string) =>
  bench.journal(agentId, ended(bench.start(agentId), 0, { code: 'run.crashed', message: '', cause: 'user' }));

async function hold(agentId: string, owner: string): Promise<void> {
  const { id: deviceId } = await bench.deviceOf(agentId);
  await bench.database.write((manager) =>
    manager.insert(ReservationEntity, {
      ...{ id: `res_${owner}`, position: 1, revision: 1, state: 'held', owner, name: owner, person: true },
      ...{ selector: { devices: [], labels: {} }, deviceId, forSeconds: 60, createdAt: '2026-01-01T00:00:00.000Z' },
      until: '2036-01-01T00:00:00.000Z',
    }),
  );
  bench.leases.changed.emit({ deviceIds: [deviceId] });
  await bench.settled();
}

describe('the queue of a device', () => {
  it('[QUEUE-1] [QUEUE-2] goes by priority, and among equals to whom it served less', async () => {
    await bench.agents('pi-a');
    await bench.job(jobId('first'), { devices: ['pi-a'], owner: 'ann' });
    await bench.job(jobId('second'), { devices: ['pi-a'], owner: 'ann' });
    await bench.job(jobId('other'), { devices: ['pi-a'], owner: 'bob' });
    await bench.job(jobId('urgent'), { devices: ['pi-a'], owner: 'cleo', priority: 5, recipes: ['fp32'] });
    const order: Array<string | undefined> = [];
    for (let n = 0; n < 4; n++) {
      order.push(await doing('pi-a'));
      await end('pi-a');
      // The wall clock all but stands still in a test.
      await bench.database.write((manager) =>
        manager.update(AttemptEntity, { state: 'failed' }, { claimedAt: aMinuteAgo() }),
      );
      bench.dispatcher.kick();
      await bench.settled();
    }
    expect(order[1]).toBe('urgent fp32');
    expect(order.slice(0, 1)).toEqual(['first fp32']);
    expect(order[2]).toBe('other fp32');
  });

  it('[QUEUE-4] replicates are measured in turn and back', async () => {
    await bench.agents('pi-a');
    await bench.job(jobId('ab'), { devices: ['pi-a'], replicates: 4 });
    const order: Array<string | undefined> = [];
    for (let n = 0; n < 8; n++) {
      order.push((await doing('pi-a'))?.slice(3));
      await end('pi-a');
    }
    expect(order).toEqual(['fp32', 'int8', 'int8', 'fp32', 'fp32', 'int8', 'int8', 'fp32']);
  });

  it('[QUEUE-5] starts only what belongs to the holder, and the rest when the device is free again', async () => {
    await bench.agents('pi-a');
    await hold('pi-a', 'ann');
    await bench.job(jobId('bobs'), { devices: ['pi-a'], owner: 'bob', priority: 10 });
    expect(await doing('pi-a')).toBeUndefined();
    await bench.job(jobId('anns'), { devices: ['pi-a'], owner: 'ann', recipes: ['fp32'] });
    expect(await doing('pi-a')).toBe('anns fp32');
    await end('pi-a');
    expect(await doing('pi-a')).toBeUndefined();
    await bench.database.write((manager) => manager.clear(ReservationEntity));
    bench.leases.changed.emit({ deviceIds: [] });
    await bench.settled();
    expect(await doing('pi-a')).toBe('bobs fp32');
  });

  it('[QUEUE-5] what runs when another becomes the holder is not torn away', async () => {
    await bench.agents('pi-a');
    await bench.job(jobId('bobs'), { devices: ['pi-a'], owner: 'bob', recipes: ['fp32'] });
    await hold('pi-a', 'ann');
    await bench.journal('pi-a', ...wholeRun(bench.start('pi-a')));
    expect(await bench.states()).toEqual(['reporting']);
  });

  it('[QUEUE-6] a quarantined device gets health checks and nothing else', async () => {
    await bench.agents('pi-a');
    const { id } = await bench.deviceOf('pi-a');
    await bench.devices.rotate(id, { reason: 'it was dropped', since: '2026-01-01T00:00:00.000Z' });
    await bench.job(jobId('work'), { devices: ['pi-a'], recipes: ['fp32'], priority: 10 });
    await bench.job(jobId('check'), { devices: ['pi-a'], recipes: ['fp32'], purpose: 'canary', owner: 'lab' });
    expect(await doing('pi-a')).toBe('check fp32');
    await end('pi-a');
    expect(await doing('pi-a')).toBeUndefined();
    expect(bench.devices.view(await bench.deviceOf('pi-a'))).toMatchObject({
      state: 'quarantined',
      stateReason: 'it was dropped',
    });
    await bench.devices.rotate(id, null);
    await bench.settled();
    expect(await doing('pi-a')).toBe('work fp32');
  });

  it('[QUEUE-7] what has ended is not read: the index of what waits is', async () => {
    await bench.agents('pi-a');
    let sql = '';
    const listen = {
      query: async (text: string) => {
        sql = text;
        return [];
      },
    };
    await queueHeads(listen as never, async () => new Map(), 0);
    const plan = (await bench.database.reader.query(`EXPLAIN QUERY PLAN ${sql}`)) as Array<{ detail: string }>;
    const details = plan.map(({ detail }) => detail).join('\n');
    expect(details).toMatch(/SEARCH run USING INDEX run_waiting \(deviceId=\? AND state=\?\)/);
    expect(details).not.toMatch(/SCAN (run|held|attempt)\b/);
  });

  it('[QUEUE-8] [QUEUE-10] a run that waits says why; when it has run, waiting and running are apart', async () => {
    await bench.agents('pi-a');
    await hold('pi-a', 'ann');
    await bench.job(jobId('bobs'), { devices: ['pi-a'], owner: 'bob' });
    const [first] = await bench.runs();
    expect((await bench.waiting.of(await bench.runs())).get(first!.id)).toMatchObject({ why: 'lease', for: 'ann' });
    expect((await bench.waiting.ofJobs([jobId('bobs')])).get(jobId('bobs'))).toMatchObject({ why: 'lease' });
    await bench.database.write((manager) => manager.clear(ReservationEntity));
    await bench.database.write((manager) => manager.update(RunEntity, { id: first!.id }, { queuedAt: aMinuteAgo() }));
    bench.leases.changed.emit({ deviceIds: [] });
    await bench.settled();
    expect([...(await bench.waiting.of(await bench.runs())).values()]).toMatchObject([
      { why: 'device-busy', position: 1 },
    ]);
    expect(await bench.waiting.ofJobs([jobId('bobs')])).toEqual(new Map());
    const interrupted = { code: 'run.interrupted', message: '', cause: 'infrastructure' as const };
    await bench.journal('pi-a', ended(bench.start('pi-a'), 0, interrupted));
    await end('pi-a');
    const run = runView((await bench.runs())[0]!, 'pi');
    expect(run).toMatchObject({ state: 'failed', attempt: 2 });
    expect(run.queueSeconds).toBeGreaterThanOrEqual(60);
    expect(run.queueSeconds! + run.runSeconds!).toBeLessThanOrEqual(90);
  });
});
