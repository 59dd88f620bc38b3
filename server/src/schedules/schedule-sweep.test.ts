import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { GateService } from '../gates/gate.service.js';
import { createLog } from '../log.js';
import { SweepBench } from '../sweeps/testing/sweep-bench.js';
import { sweepFile } from '../sweeps/testing/sweep-file.js';
import { UserEntity } from '../users/user.entity.js';
import { ScheduleService } from './schedule.service.js';
import { ScheduleSettler } from './schedule-settler.js';
import { ScheduleStarter } from './schedule-starter.js';
import { ScheduleTimer } from './schedule-timer.js';
import { StartEntity } from './start.entity.js';
import { HandClock } from './testing/hand-clock.js';
import { ana } from './testing/schedule-bench.js';

jest.setTimeout(60_000);

describe('a schedule and the sweeps of the lab', () => {
  let bench: SweepBench | undefined;
  let timer: ScheduleTimer | undefined;
  afterEach(async () => {
    await timer?.onApplicationShutdown();
    await bench?.close();
  });

  it('[SCHED-5] [SCHED-14] starts a real sweep at its time, follows it to its end, and has it judged', async () => {
    bench = await SweepBench.start(['pi-a']);
    const { database, live } = bench.runs;
    const clock = new HandClock('2026-01-01T00:00:00.000Z');
    const log = createLog('silent');
    const checked: unknown[] = [];
    const check = async (_actor: unknown, wish: unknown) => {
      checked.push(wish);
      return { id: 'gate_00000001', verdict: 'same' };
    };
    const gates = { check } as unknown as GateService;
    const starter = new ScheduleStarter(database, bench.service, live, clock, log);
    const settler = new ScheduleSettler(database, bench.service, gates, live, clock, log);
    timer = new ScheduleTimer(database, starter, settler, clock, log);
    const schedules = new ScheduleService(database, starter, timer, live, clock);
    await database.write((manager) =>
      manager.insert(UserEntity, {
        id: ana.userId!,
        name: 'Ana',
        role: 'operator',
        createdAt: '2026-01-01T00:00:00.000Z',
      }),
    );
    await timer.onApplicationBootstrap();
    const rule = { cron: '0 2 * * *', timezone: 'UTC', missed: 'skip', paused: false, baseline: 'release' } as const;
    await schedules.create(ana, { ...rule, name: 'nightly', file: sweepFile() });
    // Refused by the lab, and recorded.
    await schedules.create(ana, { ...rule, name: 'lost', file: sweepFile({ models: ['nothing'] }) });
    await clock.pass(3 * 3_600_000, () => timer!.idle());
    const [sweep, ...more] = (await bench.service.list({ limit: 10 })).items;
    expect([sweep?.createdBy, sweep?.scheduleId, more]).toEqual(['Ana', (await schedules.show('nightly')).id, []]);
    await bench.build();
    await bench.play();
    await bench.settled();
    await timer.idle();
    expect((await schedules.show('nightly')).last).toMatchObject({
      dueAt: '2026-01-01T02:00:00.000Z',
      state: 'ended',
      sweepId: sweep!.id,
      sweepState: 'succeeded',
      verdict: 'same',
    });
    expect(checked).toEqual([{ sweep: sweep!.id, baseline: 'release', maxRegression: 0.01 }]);
    expect((await schedules.show('lost')).last).toMatchObject({
      state: 'failed',
      error: { code: 'request.not-found' },
    });
    expect(await database.reader.getRepository(StartEntity).count()).toBe(2);
  });
});
