import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Gate, LabError, type Sweep, SweepFile, type SweepState } from '@hilltop/contracts';
import type { Actor } from '../../access/actor.js';
import type { GateService } from '../../gates/gate.service.js';
import { newId } from '../../ids.js';
import { LabIdentity } from '../../lab/lab-identity.js';
import { Database } from '../../links/database.js';
import { Signal } from '../../links/signal.js';
import { LiveService } from '../../live/live.service.js';
import { createLog } from '../../log.js';
import { SweepEntity } from '../../sweeps/sweep.entity.js';
import type { SweepService } from '../../sweeps/sweep.service.js';
import { UserEntity } from '../../users/user.entity.js';
import { ScheduleService } from '../schedule.service.js';
import { ScheduleSettler } from '../schedule-settler.js';
import { ScheduleStarter } from '../schedule-starter.js';
import { ScheduleTimer } from '../schedule-timer.js';
import { StartEntity } from '../start.entity.js';
import type { HandClock } from './hand-clock.js';

export const ana: Actor = { tokenId: 'tok_0000000a', userId: 'usr_0000000a', role: 'operator', name: 'Ana' };
export const sweepFile = SweepFile.parse({ name: 'nightly', models: ['net'], recipes: ['fp32'] });

/** A folder with the database that coordinators share. */
export function labFolder(): { readonly folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'hilltop-schedules-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The schedules of one coordinator over a real database; its sweeps are rows that end when a test says so. */
export class ScheduleBench {
  readonly ended = new Signal<{ sweepId: string }>();
  readonly judged = new Signal<{ gateId: string }>();
  /** Thrown by the next making of a sweep. */
  refusal: Error | undefined;
  /** What a gate says. */
  judge: () => Promise<Pick<Gate, 'id' | 'verdict'>> = () =>
    Promise.reject(new LabError('baseline.unknown', 'there is no such baseline'));
  readonly checks: Array<{ actor: Actor; wish: unknown }> = [];

  private constructor(
    readonly database: Database,
    readonly clock: HandClock,
    readonly starter: ScheduleStarter,
    readonly settler: ScheduleSettler,
    readonly timer: ScheduleTimer,
    readonly schedules: ScheduleService,
  ) {}

  static async open(folder: string, clock: HandClock): Promise<ScheduleBench> {
    const log = createLog('silent');
    const database = await Database.open(join(folder, 'hilltop.db'), log);
    const live = new LiveService(LabIdentity.load(folder), log);
    let bench: ScheduleBench | undefined;
    const ended = new Signal<{ sweepId: string }>();
    const sweeps = {
      ended,
      create: (actor: Actor, { file }: { file: SweepFile }, origin = {}) => bench!.#create(actor, file, origin),
      show: (id: string) => bench!.#show(id),
    } as unknown as SweepService;
    const gates = {
      check: async (actor: Actor, wish: unknown) => {
        bench!.checks.push({ actor, wish });
        return bench!.judge();
      },
    } as unknown as GateService;
    const starter = new ScheduleStarter(database, sweeps, live, clock, log);
    const settler = new ScheduleSettler(database, sweeps, gates, live, clock, log);
    const timer = new ScheduleTimer(database, starter, settler, clock, log);
    const schedules = new ScheduleService(database, starter, timer, live, clock);
    bench = new ScheduleBench(database, clock, starter, settler, timer, schedules);
    ended.listen((news) => bench!.ended.emit(news));
    bench.#announce = (sweepId) => ended.emit({ sweepId });
    await database.write(async (manager) => {
      if (await manager.existsBy(UserEntity, { id: ana.userId! })) return;
      await manager.insert(UserEntity, {
        id: ana.userId!,
        name: 'Ana',
        role: 'operator',
        createdAt: '2026-01-01T00:00:00.000Z',
      });
    });
    schedules.onModuleInit();
    await timer.onApplicationBootstrap();
    await timer.idle();
    return bench;
  }

  #announce: (sweepId: string) => void = () => undefined;

  async stop(): Promise<void> {
    await this.timer.onApplicationShutdown();
    await this.database.close();
  }

  idle = async (): Promise<void> => {
    await this.timer.idle();
  };

  pass(ms: number): Promise<void> {
    return this.clock.pass(ms, this.idle);
  }

  add(more: Partial<Parameters<ScheduleService['create']>[1]> = {}) {
    const wish = {
      name: 'nightly',
      cron: '0 2 * * *',
      timezone: 'UTC',
      file: sweepFile,
      missed: 'skip',
      paused: false,
    } as const;
    return this.schedules.create(ana, { ...wish, ...more });
  }

  /** Ends a sweep; `heard: false`: while this coordinator is away. */
  async end(sweepId: string, state: SweepState = 'succeeded', { heard = true } = {}): Promise<void> {
    const endedAt = new Date(this.clock.now()).toISOString();
    await this.database.write((manager) => manager.update(SweepEntity, { id: sweepId }, { state, endedAt }));
    if (heard) this.#announce(sweepId);
    await this.idle();
  }

  starts(): Promise<StartEntity[]> {
    return this.database.reader.getRepository(StartEntity).find({ order: { position: 'ASC' } });
  }

  sweeps(): Promise<SweepEntity[]> {
    return this.database.reader.getRepository(SweepEntity).find({ order: { position: 'ASC' } });
  }

  async #create(actor: Actor, file: SweepFile, origin: { scheduleId?: string }): Promise<Sweep> {
    if (this.refusal) throw this.refusal;
    const id = newId('swp');
    await this.database.write(async (manager) => {
      await manager.insert(SweepEntity, {
        id,
        position: Number((await manager.maximum(SweepEntity, 'position')) ?? 0) + 1,
        name: file.name,
        file,
        revision: 1,
        state: 'running',
        resumesAs: null,
        objectives: [],
        plan: { places: [] } as never,
        note: null,
        error: null,
        actor,
        createdBy: actor.name,
        scheduleId: origin.scheduleId ?? null,
        createdAt: new Date(this.clock.now()).toISOString(),
        startedAt: null,
        endedAt: null,
      });
    });
    return this.#show(id);
  }

  async #show(id: string): Promise<Sweep> {
    const row = await this.database.reader.getRepository(SweepEntity).findOneBy({ id });
    if (!row) throw new LabError('sweep.unknown', 'there is no such sweep');
    return { id, state: row.state, ...(row.endedAt !== null && { endedAt: row.endedAt }) } as Sweep;
  }
}
