import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Gate, GateRow, GateVerdict, News } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AgentEntity } from '../agents/agent.entity.js';
import { DeviceEntity } from '../devices/device.entity.js';
import { GateEntity } from '../gates/gate.entity.js';
import { LabIdentity } from '../lab/lab-identity.js';
import { Database } from '../links/database.js';
import { Signal } from '../links/signal.js';
import { createLog } from '../log.js';
import { ScheduleEntity } from '../schedules/schedule.entity.js';
import { StartEntity } from '../schedules/start.entity.js';
import { HandClock } from '../schedules/testing/hand-clock.js';
import { ana, sweepFile } from '../schedules/testing/schedule-bench.js';
import { SweepEntity } from '../sweeps/sweep.entity.js';
import { NewsEntity } from './news.entity.js';
import { NewsBook } from './news-book.js';
import { NewsWatch } from './news-watch.js';

const at = '2026-06-01T02:00:00.000Z';

describe('what is news', () => {
  let folder: string;
  let database: Database;
  let clock: HandClock;
  let watch: NewsWatch;
  const judged = new Signal<{ gateId: string }>();
  const ended = new Signal<{ sweepId: string }>();
  const noted = new Signal<{ startId: string }>();
  const rotated = new Signal<{ deviceId: string }>();
  const gates = new Map<string, Gate>();

  const open = async (): Promise<void> => {
    const log = createLog('silent');
    const show = async (id: string) => gates.get(id)!;
    watch = new NewsWatch(
      database,
      new NewsBook(database, LabIdentity.load(folder), clock),
      clock,
      { judged, show },
      { ended },
      { noted },
      { rotated },
      log,
    );
    await watch.onApplicationBootstrap();
    await watch.idle();
  };
  const told = async (): Promise<News[]> =>
    (await database.reader.getRepository(NewsEntity).find({ order: { at: 'ASC', key: 'ASC' } })).map(
      ({ news }) => news,
    );
  const types = async () => (await told()).map(({ type }) => type);

  /** A gate of the night, heard of or not. */
  const gate = async (number: number, verdict: GateVerdict, decision?: GateRow['decision']): Promise<string> => {
    const id = `gate_0000000${number}`;
    const row = {
      position: number,
      sweepId: `swp_0000000${number}`,
      sweepName: 'nightly',
      baselineId: 'base_00000001',
      baselineName: 'release',
      baselineSweepId: 'swp_00000000',
      maxRegression: 0.01,
      metrics: [],
      verdict,
      counts: { improved: 0, same: 0, worse: 0, inconclusive: 0, accepted: 0, missing: 0 },
      environment: [],
      createdAt: new Date(clock.now()).toISOString(),
    };
    const rows = [
      { row: 1, recipe: 'int8', settings: {}, scale: 'ratio', change: 1.03, verdict, decision },
    ] as unknown as GateRow[];
    await database.write((manager) =>
      manager.insert(GateEntity, { ...row, id, missing: [], rows: [], createdBy: null }),
    );
    gates.set(id, { ...row, id, missing: [], rows });
    return id;
  };
  const hear = async (gateId: string) => {
    judged.emit({ gateId });
    await watch.idle();
    clock.set(new Date(clock.now() + 86_400_000).toISOString());
  };
  const sweep = (id: string, state: 'failed' | 'succeeded' | 'cancelled', position: number) =>
    database.write((manager) =>
      manager.insert(SweepEntity, {
        id,
        position,
        name: 'nightly',
        file: sweepFile,
        revision: 1,
        state,
        resumesAs: null,
        objectives: [],
        plan: { places: [] } as never,
        note: 'no device came back',
        error: null,
        actor: ana,
        createdBy: 'Ana',
        scheduleId: 'sched_00000001',
        createdAt: at,
        startedAt: null,
        endedAt: at,
      }),
    );

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hilltop-watch-'));
    clock = new HandClock(at);
    gates.clear();
    database = await Database.open(join(folder, 'hilltop.db'), createLog('silent'));
    await database.write(async (manager) => {
      await manager.insert(ScheduleEntity, {
        id: 'sched_00000001',
        name: 'nights',
        cron: '0 2 * * *',
        timezone: 'UTC',
        file: sweepFile,
        missed: 'skip',
        paused: false,
        baseline: null,
        maxRegression: null,
        actor: ana,
        createdAt: at,
        lookedAt: at,
      });
    });
    await open();
  });
  afterEach(async () => {
    await watch.onApplicationShutdown();
    await database.close();
    rmSync(folder, { recursive: true });
  });

  it('[NEWS-6] seven nights: only those that differ from the night before are told', async () => {
    const nights: GateVerdict[] = ['same', 'same', 'worse', 'worse', 'same', 'inconclusive', 'inconclusive'];
    for (const [i, verdict] of nights.entries()) await hear(await gate(i + 1, verdict));
    expect((await told()).map(({ type, data }) => [type, data.gateId])).toEqual([
      ['regression', 'gate_00000003'],
      ['recovered', 'gate_00000005'],
      ['inconclusive', 'gate_00000006'],
    ]);
  });

  it('[NEWS-6] a decision of a person is no news', async () => {
    await hear(await gate(1, 'worse'));
    await hear(await gate(2, 'same', { state: 'accepted', n: 1, by: 'Ana', at }));
    expect(await types()).toEqual(['regression']);
  });

  it('[NEWS-7] a sweep that failed is told with its schedule; one that succeeded or was cancelled is not', async () => {
    await sweep('swp_00000001', 'failed', 1);
    await sweep('swp_00000002', 'succeeded', 2);
    await sweep('swp_00000003', 'cancelled', 3);
    for (const n of [1, 2, 3, 1]) ended.emit({ sweepId: `swp_0000000${n}` });
    await watch.idle();
    expect((await told()).map(({ type, data }) => [type, data.sweepId, data.scheduleName])).toEqual([
      ['sweep-failed', 'swp_00000001', 'nights'],
    ]);
  });

  it('[NEWS-7] a device is told when it goes out of rotation and when it returns, each time once', async () => {
    const device = (quarantine: DeviceEntity['quarantine']) =>
      database.write((manager) => manager.update(DeviceEntity, { id: 'dev_00000001' }, { quarantine }));
    await database.write(async (manager) => {
      await manager.insert(AgentEntity, { id: 'pi', name: 'pi', publicKey: 'pi', labels: {}, createdAt: at });
      await manager.insert(DeviceEntity, {
        id: 'dev_00000001',
        agentId: 'pi',
        key: 'host',
        name: 'pi',
        kind: 'host',
        type: 'x64',
        emulated: false,
        agentVersion: '0.0.0',
        reportedLabels: {},
        ownLabels: {},
        state: 'available',
        facts: {} as never,
        createdAt: at,
      });
    });
    const happen = async (quarantine: DeviceEntity['quarantine']) => {
      await device(quarantine);
      rotated.emit({ deviceId: 'dev_00000001' });
      rotated.emit({ deviceId: 'dev_00000001' });
      await watch.idle();
      clock.set(new Date(clock.now() + 1000).toISOString());
    };
    await happen(null);
    await happen({ reason: 'three runs were lost', since: '2026-06-01T02:00:01.000Z' });
    await happen(null);
    await happen({ reason: 'said so', since: '2026-06-01T02:00:03.000Z', by: 'Ana' });
    // It returns while nobody hears it.
    await watch.onApplicationShutdown();
    await device(null);
    await open();
    expect(await types()).toEqual(['device-quarantined', 'device-returned', 'device-quarantined', 'device-returned']);
  });

  it('[NEWS-7] what happened while nobody heard it is told after the restart, and what was told is not told again', async () => {
    await hear(await gate(1, 'worse'));
    await watch.onApplicationShutdown();
    const start = {
      scheduleId: 'sched_00000001',
      cause: 'rule' as const,
      sweepId: null,
      sweepState: null,
      gateOpen: false,
      gateId: null,
      verdict: null,
      startedBy: null,
      endedAt: null,
    };
    await database.write(async (manager) => {
      const more = (
        n: number,
        state: StartEntity['state'],
        error: StartEntity['error'] = null,
        count: number | null = null,
      ) =>
        manager.insert(StartEntity, {
          ...start,
          id: `start_0000000${n}`,
          position: n,
          dueAt: `2026-06-0${n}T02:00:00.000Z`,
          at: new Date(clock.now()).toISOString(),
          state,
          error,
          count,
        });
      await more(1, 'missed', null, 3);
      await more(2, 'failed', { code: 'device.none-match', message: 'no device matches' });
      await more(3, 'skipped');
      await more(4, 'ended');
    });
    await sweep('swp_00000001', 'failed', 1);
    await gate(2, 'same');
    await open();
    await watch.onApplicationShutdown();
    await open();
    const all = await told();
    expect(all.map(({ type }) => type).sort()).toEqual([
      'recovered',
      'regression',
      'schedule-missed',
      'schedule-missed',
      'schedule-missed',
      'sweep-failed',
    ]);
    expect(all.filter(({ data }) => data.error).map(({ data }) => data.error?.code)).toEqual(['device.none-match']);
  });
});
