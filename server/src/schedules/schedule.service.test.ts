import { isLabError, LabError } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Actor } from '../access/actor.js';
import { TokenEntity } from '../tokens/token.entity.js';
import { UserEntity } from '../users/user.entity.js';
import { ScheduleEntity } from './schedule.entity.js';
import { HandClock } from './testing/hand-clock.js';
import { ana, labFolder, ScheduleBench } from './testing/schedule-bench.js';
import { wallOf } from './zone.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const ben: Actor = { tokenId: 'tok_0000000b', userId: 'usr_0000000b', role: 'operator', name: 'Ben' };
const codeOf = async (work: Promise<unknown>) => {
  try {
    await work;
  } catch (error) {
    return isLabError(error) ? error.code : String(error);
  }
  return undefined;
};

describe('schedules', () => {
  let lab: ReturnType<typeof labFolder>;
  let clock: HandClock;
  const open: ScheduleBench[] = [];
  const start = async (at?: HandClock) => {
    const bench = await ScheduleBench.open(lab.folder, at ?? clock);
    open.push(bench);
    return bench;
  };
  const stop = async (bench: ScheduleBench) => {
    open.splice(open.indexOf(bench), 1);
    await bench.stop();
  };
  const outcomes = async (bench: ScheduleBench) =>
    (await bench.starts()).map(({ dueAt, state }) => `${dueAt.slice(5, 16)} ${state}`);
  const lastSweep = async (bench: ScheduleBench) => (await bench.sweeps()).at(-1)!.id;

  beforeEach(() => {
    lab = labFolder();
    clock = new HandClock('2026-06-01T12:00:00.000Z');
  });
  afterEach(async () => {
    for (const bench of [...open]) await stop(bench);
    lab.remove();
  });

  it('[SCHED-5] thirty nights through a change of clocks: wakes at the very moment, one sweep a night, each ended before the next', async () => {
    clock = new HandClock('2026-03-13T22:00:00.000Z');
    const bench = await start();
    await bench.add({ cron: '30 2 * * *', timezone: 'Europe/Berlin' });
    for (let night = 0; night < 30; night++) {
      await bench.pass(dayMs);
      await bench.end(await lastSweep(bench));
    }
    const starts = await bench.starts();
    expect(starts.filter(({ at, dueAt }) => at !== dueAt)).toEqual([]);
    expect(
      starts.map(({ dueAt }) => new Date(wallOf(Date.parse(dueAt), 'Europe/Berlin')).toISOString().slice(5, 16)),
    ).toEqual(
      Array.from({ length: 30 }, (_, i) => {
        const day = new Date(Date.parse('2026-03-14T00:00:00Z') + i * dayMs).toISOString().slice(5, 10);
        return `${day}T${day === '03-29' ? '03:00' : '02:30'}`;
      }),
    );
    expect((await bench.sweeps()).map(({ id }) => id)).toEqual(starts.map(({ sweepId }) => sweepId));
  }, 30_000);

  it('[SCHED-6] two coordinators on one database start nothing twice, whoever is first', async () => {
    const other = new HandClock('2026-06-01T12:00:00.000Z');
    const [a, b] = [await start(), await start(other)];
    await a.add();
    const nights = 6;
    for (let night = 0; night < nights; night++) {
      // Whoever finds the database locked looks again a second later.
      const [first, second] = night % 2 === 0 ? [a, b] : [b, a];
      await Promise.all([first.pass(dayMs), second.pass(dayMs)]);
      const [sweepId, both] = [await lastSweep(a), [a, b]];
      await a.end(sweepId, 'succeeded', { heard: false });
      for (const each of both) await each.end(sweepId);
    }
    expect(await outcomes(a)).toEqual(Array.from({ length: nights }, (_, i) => `06-0${i + 2}T02:00 ended`));
    expect(await a.sweeps()).toHaveLength(nights);
  }, 30_000);

  it('[SCHED-6] who decided to start by what is no longer so takes its sweep back', async () => {
    const bench = await start();
    await bench.add();
    const stale = await bench.database.reader.getRepository(ScheduleEntity).findOneByOrFail({});
    await bench.pass(dayMs);
    await bench.end(await lastSweep(bench));
    await bench.starter.look(stale);
    expect([await outcomes(bench), (await bench.sweeps()).length]).toEqual([['06-02T02:00 ended'], 1]);
  });

  it('[SCHED-7] what was missed while the coordinator was away is recorded, and made up for where that is wanted', async () => {
    let bench = await start();
    await bench.add({ name: 'skips' });
    await bench.add({ name: 'once', missed: 'once', cron: '0 3 * * *' });
    await stop(bench);
    clock.set('2026-06-04T09:00:00.000Z');
    bench = await start();
    expect((await outcomes(bench)).sort()).toEqual(['06-03T03:00 missed', '06-04T02:00 missed', '06-04T03:00 running']);
    expect((await bench.starts()).map(({ count }) => count).sort()).toEqual([2, 3, null]);
    expect((await bench.schedules.show('once')).last).toMatchObject({ cause: 'late', state: 'running' });
    expect((await bench.schedules.show('skips')).nextAt).toBe('2026-06-05T02:00:00.000Z');
  });

  it('[SCHED-8] a sweep that ended while the coordinator was away is settled before anything starts', async () => {
    let bench = await start();
    await bench.add();
    await bench.pass(dayMs);
    await stop(bench);
    bench = await start();
    expect(await outcomes(bench)).toEqual(['06-02T02:00 running']);
    const sweepId = await lastSweep(bench);
    await bench.end(sweepId, 'cancelled', { heard: false });
    await stop(bench);
    clock.set('2026-06-03T02:00:00.000Z');
    bench = await start();
    expect(await outcomes(bench)).toEqual(['06-02T02:00 ended', '06-03T02:00 running']);
    expect((await bench.starts())[0]).toMatchObject({ sweepId, sweepState: 'cancelled' });
  });

  it('[SCHED-9] never two at once: a start that falls into a running one is recorded as skipped', async () => {
    const bench = await start();
    await bench.add();
    await bench.pass(2 * dayMs);
    expect(await outcomes(bench)).toEqual(['06-02T02:00 running', '06-03T02:00 skipped']);
    expect(await codeOf(bench.schedules.trigger(ana, 'nightly'))).toBe('schedule.overlap');
    await bench.end(await lastSweep(bench));
    await bench.pass(dayMs);
    expect((await outcomes(bench)).slice(2)).toEqual(['06-04T02:00 running']);
    expect(await bench.sweeps()).toHaveLength(2);
  });

  it('[SCHED-10] paused it starts by hand only; what came meanwhile is not missed, and another rule counts from now on', async () => {
    const bench = await start();
    await bench.add({ missed: 'once' });
    expect(await bench.schedules.pause('nightly')).toMatchObject({ paused: true });
    await bench.pass(2 * dayMs);
    expect(await bench.schedules.trigger(ben, 'nightly')).toMatchObject({
      cause: 'hand',
      startedBy: 'Ben',
      state: 'running',
    });
    await bench.end(await lastSweep(bench));
    expect(await bench.schedules.resume('nightly')).toMatchObject({
      paused: false,
      nextAt: '2026-06-04T02:00:00.000Z',
    });
    await bench.idle();
    await bench.schedules.update(ana, 'nightly', { cron: '0 6 * * *', timezone: 'America/New_York', name: 'morning' });
    await bench.pass(dayMs);
    expect(await outcomes(bench)).toEqual(['06-03T12:00 ended', '06-04T10:00 running']);
  });

  it('[SCHED-11] a clock that is set back starts nothing again, one that is set forward is seen within half a minute', async () => {
    clock = new HandClock('2026-06-01T17:59:00.000Z', 30_000);
    const bench = await start();
    await bench.add({ cron: '0 */6 * * *', missed: 'once' });
    await bench.pass(60_000);
    await bench.end(await lastSweep(bench));
    clock.set('2026-06-01T17:55:00.000Z');
    await bench.pass(hourMs / 6);
    expect(await outcomes(bench)).toEqual(['06-01T18:00 ended']);
    clock.set('2026-06-02T06:00:10.000Z');
    await bench.pass(30_000);
    expect((await outcomes(bench)).slice(1)).toEqual(['06-02T00:00 missed', '06-02T06:00 running']);
  });

  it('[SCHED-12] what cannot be made is recorded with its code; a lab that stumbles tries again', async () => {
    const bench = await start();
    await bench.add();
    bench.refusal = new LabError('device.none-match', 'no device matches');
    await bench.pass(dayMs);
    bench.refusal = new Error('disk I/O error');
    await bench.pass(14 * hourMs);
    expect((await bench.starts()).map(({ state, error }) => [state, error?.code])).toEqual([
      ['failed', 'device.none-match'],
    ]);
    bench.refusal = undefined;
    await bench.pass(2000);
    expect(await outcomes(bench)).toEqual(['06-02T02:00 failed', '06-03T02:00 running']);
  });

  it('[SCHED-13] sweeps run in the name of who made the schedule, with what they may do that night', async () => {
    const bench = await start();
    await bench.add();
    const pipeline: Actor = { tokenId: 'tok_0000000p', role: 'operator', name: 'ci' };
    await bench.database.write((manager) =>
      manager.insert(TokenEntity, {
        id: pipeline.tokenId,
        kind: 'svc',
        hash: 'h',
        role: 'operator',
        createdAt: 'x',
        revokedAt: '2026-06-01T13:00:00.000Z',
      }),
    );
    const made = await bench.schedules.show('nightly');
    await bench.schedules.create(pipeline, {
      name: 'ci',
      cron: '0 2 * * *',
      timezone: 'UTC',
      file: made.file,
      missed: 'skip',
      paused: false,
    });
    await bench.pass(dayMs);
    const mine = (await bench.sweeps()).map(({ actor }) => actor);
    await bench.end(await lastSweep(bench));
    await bench.database.write((manager) => manager.update(UserEntity, { id: ana.userId! }, { role: 'viewer' }));
    await bench.pass(dayMs);
    const codes = (await bench.starts()).map(({ error, state }) => error?.code ?? state).sort();
    expect({ mine, codes }).toEqual({
      mine: [ana],
      codes: ['auth.forbidden', 'auth.revoked', 'auth.revoked', 'ended'],
    });
    expect([
      await codeOf(bench.schedules.update(ben, 'nightly', { cron: '0 4 * * *' })),
      await codeOf(bench.schedules.remove(ben, 'nightly')),
      await codeOf(bench.schedules.remove({ ...ben, role: 'admin' }, 'nightly')),
      await codeOf(bench.schedules.show('nightly')),
    ]).toEqual(['auth.forbidden', 'auth.forbidden', undefined, 'schedule.unknown']);
  });

  it('[SCHED-14] a sweep that succeeded is held against the baseline, and the start keeps what was said', async () => {
    const bench = await start();
    await bench.add({ baseline: 'release', maxRegression: 0.02 });
    bench.judge = async () => ({ id: 'gate_00000001', verdict: 'worse' });
    const told: string[] = [];
    bench.settler.settled.listen(({ startId }) => told.push(startId));
    for (const state of ['succeeded', 'failed', 'succeeded'] as const) {
      await bench.pass(dayMs);
      await bench.end(await lastSweep(bench), state);
      bench.judge = () => Promise.reject(new LabError('gate.no-overlap', 'nothing in common'));
    }
    const starts = await bench.starts();
    expect(
      starts.map(({ sweepState, verdict, gateId, error, gateOpen }) => [
        sweepState,
        verdict,
        gateId,
        error?.code,
        gateOpen,
      ]),
    ).toEqual([
      ['succeeded', 'worse', 'gate_00000001', undefined, false],
      ['failed', null, null, undefined, false],
      ['succeeded', null, null, 'gate.no-overlap', false],
    ]);
    expect(bench.checks.map(({ actor, wish }) => [actor, wish])).toEqual(
      [starts[0]!, starts[2]!].map(({ sweepId }) => [
        ana,
        { sweep: sweepId, baseline: 'release', maxRegression: 0.02 },
      ]),
    );
    expect(told).toEqual(starts.map(({ id }) => id));
  });

  it('[SCHED-14] a gate that a stop cut off is judged after the restart', async () => {
    let bench = await start();
    await bench.add({ baseline: 'release' });
    await bench.pass(dayMs);
    const sweepId = await lastSweep(bench);
    // The stop falls between the noting of the end and the gate.
    bench.judge = () => Promise.reject(new Error('killed'));
    await bench.database.write((manager) =>
      manager.query(
        `UPDATE schedule_start SET state = 'ended', sweepState = 'succeeded', gateOpen = 1 WHERE sweepId = ?`,
        [sweepId],
      ),
    );
    await stop(bench);
    clock.set('2026-06-02T13:00:00.000Z');
    const again = ScheduleBench.open(lab.folder, clock);
    bench = await again;
    open.push(bench);
    await bench.idle();
    expect((await bench.starts()).map(({ gateOpen, error }) => [gateOpen, error?.code])).toEqual([
      [false, 'baseline.unknown'],
    ]);
  });

  it('[SCHED-4] a name is used once, and a rule that is never due is refused', async () => {
    const bench = await start();
    await bench.add();
    expect([
      await codeOf(bench.add()),
      await codeOf(bench.add({ name: 'never', cron: '0 0 31 2 *' })),
      await codeOf(bench.schedules.update(ana, 'nightly', { cron: '99 * * * *' })),
    ]).toEqual(['schedule.name-taken', 'schedule.cron-invalid', 'schedule.cron-invalid']);
  });
});
