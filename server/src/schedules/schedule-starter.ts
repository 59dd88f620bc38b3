import { isLabError, LabError, type ScheduleStart } from '@hilltop/contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Actor } from '../access/actor.js';
import { newId } from '../ids.js';
import { Database } from '../links/database.js';
import { Signal } from '../links/signal.js';
import { LiveService } from '../live/live.service.js';
import { LOG, type Log } from '../log.js';
import { SweepEntity } from '../sweeps/sweep.entity.js';
import { SweepService } from '../sweeps/sweep.service.js';
import { type Due, due } from './due.js';
import { ownerNow } from './owner-now.js';
import { ScheduleEntity } from './schedule.entity.js';
import { startView } from './schedule-view.js';
import { StartEntity } from './start.entity.js';
import { WallClock } from './wall-clock.js';

/** What became of a start; `sweep` is made in the same transaction and found there. */
type Outcome = { readonly state: 'running' | 'skipped' } | { readonly state: 'failed'; readonly error: LabError };

/** Somebody else was first: what was about to be made is taken back. */
class ClaimLost extends Error {}

/**
 * Starts sweeps. A start is claimed by inserting its row in the transaction that makes its sweep; the table lets a due time be
 * there once and one start run at a time, so that coordinators and restarts cannot start one twice.
 */
@Injectable()
export class ScheduleStarter {
  /** A start has its row; told after the commit. */
  readonly noted = new Signal<{ startId: string }>();
  readonly #log: Log;

  constructor(
    private readonly database: Database,
    @Inject(SweepService) private readonly sweeps: Pick<SweepService, 'create'>,
    private readonly live: LiveService,
    private readonly clock: WallClock,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'schedules' });
  }

  /** Starts what is due of one schedule; answers when it is due next. */
  async look(schedule: ScheduleEntity): Promise<number | undefined> {
    const nowMs = this.clock.now();
    const found = dueOf(schedule, nowMs);
    if (!found.start && !found.missed) return found.nextMs;
    if (!found.start || (await this.#runs(schedule.id))) {
      await this.#write(schedule, nowMs, { state: 'skipped' });
      return found.nextMs;
    }
    try {
      await this.#start(schedule, (manager) => this.#claim(manager, schedule.id, nowMs, { state: 'running' }));
    } catch (error) {
      if (error instanceof ClaimLost) return found.nextMs;
      // What is no refusal may pass: it is tried again until it counts as missed.
      if (!isLabError(error) || error.status >= 500) throw error;
      await this.#write(schedule, nowMs, { state: 'failed', error });
    }
    return found.nextMs;
  }

  /** Starts it now, also when it is paused. Throws `schedule.overlap` and what making the sweep throws. */
  async trigger(actor: Actor, schedule: ScheduleEntity): Promise<ScheduleStart> {
    const now = new Date(this.clock.now()).toISOString();
    const id = newId('start');
    const overlap = () =>
      new LabError(
        'schedule.overlap',
        `the last start of ${schedule.name} still runs; wait for it or cancel its sweep`,
        {
          schedule: schedule.id,
        },
      );
    if (await this.#runs(schedule.id)) throw overlap();
    await this.#start(schedule, async (manager) => {
      if (await running(manager, schedule.id)) throw overlap();
      if (await manager.existsBy(StartEntity, { scheduleId: schedule.id, dueAt: now })) throw overlap();
      await this.#insert(manager, {
        id,
        scheduleId: schedule.id,
        dueAt: now,
        at: now,
        cause: 'hand',
        startedBy: actor.name,
        state: 'running',
      });
    });
    return startView(await this.database.reader.getRepository(StartEntity).findOneByOrFail({ id }));
  }

  async #start(schedule: ScheduleEntity, claim: (manager: EntityManager) => Promise<void>): Promise<void> {
    const owner = await ownerNow(this.database.reader.manager, schedule.actor, new Date(this.clock.now()));
    await this.database.withFirstWrite(claim, () =>
      this.sweeps.create(owner, { file: schedule.file }, { scheduleId: schedule.id }),
    );
  }

  /** What needs no sweep; a lost claim is somebody else's row. */
  async #write(schedule: ScheduleEntity, nowMs: number, outcome: Outcome): Promise<void> {
    try {
      await this.database.write((manager) => this.#claim(manager, schedule.id, nowMs, outcome), {
        label: 'schedule.start',
      });
    } catch (error) {
      if (!(error instanceof ClaimLost)) throw error;
    }
  }

  /** Within a transaction: rows for everything that is due, as it is now. Throws ClaimLost. */
  async #claim(manager: EntityManager, scheduleId: string, nowMs: number, outcome: Outcome): Promise<void> {
    const schedule = await manager.findOneBy(ScheduleEntity, { id: scheduleId });
    if (!schedule || schedule.paused) throw new ClaimLost();
    const { start, missed } = dueOf(schedule, nowMs);
    const at = new Date(nowMs).toISOString();
    const known = async (dueMs: number): Promise<boolean> =>
      manager.existsBy(StartEntity, { scheduleId, dueAt: new Date(dueMs).toISOString() });
    if (missed && !(await known(missed.lastMs)))
      await this.#insert(manager, {
        scheduleId,
        at,
        dueAt: new Date(missed.lastMs).toISOString(),
        cause: 'rule',
        state: 'missed',
        count: missed.count,
      });
    const fresh = start !== undefined && !(await known(start.dueMs));
    const busy = fresh && (await running(manager, scheduleId));
    if (outcome.state === 'running' && (!fresh || busy)) throw new ClaimLost();
    if (fresh && (outcome.state !== 'skipped' || busy))
      await this.#insert(manager, {
        scheduleId,
        at,
        dueAt: new Date(start.dueMs).toISOString(),
        cause: start.cause,
        state: outcome.state,
        ...(outcome.state === 'failed' && { error: { code: outcome.error.code, message: outcome.error.message } }),
      });
    // Not skipped by mistake: what is fresh and finds nothing running any more is looked at again at once.
    if (fresh && outcome.state === 'skipped' && !busy) return;
    await manager.update(ScheduleEntity, { id: scheduleId }, { lookedAt: at });
  }

  async #insert(
    manager: EntityManager,
    row: Pick<StartEntity, 'scheduleId' | 'dueAt' | 'at' | 'cause' | 'state'> & Partial<StartEntity>,
  ): Promise<void> {
    const id = row.id ?? newId('start');
    const { scheduleId } = row;
    await manager.insert(StartEntity, {
      position: Number((await manager.maximum(StartEntity, 'position')) ?? 0) + 1,
      count: null,
      sweepId: row.state === 'running' ? await newestSweep(manager, scheduleId) : null,
      sweepState: null,
      gateOpen: false,
      gateId: null,
      verdict: null,
      error: null,
      startedBy: null,
      endedAt: null,
      ...row,
      id,
    });
    this.database.afterCommit(() => {
      this.#log.info({ scheduleId, startId: id, state: row.state, dueAt: row.dueAt }, 'schedule was due');
      this.live.touch('schedule', scheduleId);
      this.noted.emit({ startId: id });
    });
  }

  #runs(scheduleId: string): Promise<boolean> {
    return running(this.database.reader.manager, scheduleId);
  }
}

/** A clock that was set back makes due again what has its row already, and the row keeps it from starting. */
function dueOf(schedule: ScheduleEntity, nowMs: number): Due {
  return due(schedule, Math.min(Date.parse(schedule.lookedAt), nowMs), nowMs);
}

const running = (manager: EntityManager, scheduleId: string): Promise<boolean> =>
  manager.existsBy(StartEntity, { scheduleId, state: 'running' });

/** The sweep that this transaction has just made. */
async function newestSweep(manager: EntityManager, scheduleId: string): Promise<string> {
  const sweep = await manager.findOne(SweepEntity, { where: { scheduleId }, order: { position: 'DESC' } });
  if (!sweep) throw new Error('no sweep was made');
  return sweep.id;
}
