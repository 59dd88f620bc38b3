import {
  allows,
  type Change,
  LabError,
  type PageQuery,
  type Schedule,
  type ScheduleCreate,
  type ScheduleStart,
  type ScheduleUpdate,
} from '@hilltop/contracts';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type EntityManager, In, Not } from 'typeorm';
import type * as z from 'zod';
import { type Actor, ownerOf } from '../access/actor.js';
import { decodeCursor, page } from '../access/page.js';
import { newId } from '../ids.js';
import { Database } from '../links/database.js';
import { LiveService } from '../live/live.service.js';
import { checkRule } from './due.js';
import { ScheduleEntity } from './schedule.entity.js';
import { ScheduleStarter } from './schedule-starter.js';
import { ScheduleTimer } from './schedule-timer.js';
import { scheduleView, startView } from './schedule-view.js';
import { StartEntity } from './start.entity.js';
import { WallClock } from './wall-clock.js';

/** Schedules as people and programs handle them. */
@Injectable()
export class ScheduleService implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly starter: ScheduleStarter,
    private readonly timer: ScheduleTimer,
    private readonly live: LiveService,
    private readonly clock: WallClock,
  ) {}

  onModuleInit(): void {
    const changes = async (rows: readonly ScheduleEntity[]): Promise<Change[]> =>
      (await this.#views(rows)).map((value) => ({ kind: 'schedule', id: value.id, value }));
    const rows = this.database.reader.getRepository(ScheduleEntity);
    this.live.register('schedule', {
      load: async (ids) => changes(await rows.findBy({ id: In([...ids]) })),
      list: async (topic) => (topic === 'lab' ? changes(await rows.find({ order: { name: 'ASC' } })) : []),
    });
  }

  /** Throws `schedule.cron-invalid`, `schedule.name-taken`. */
  async create(actor: Actor, wish: z.output<typeof ScheduleCreate>): Promise<Schedule> {
    const now = this.clock.now();
    checkRule(wish, now);
    const { tokenId, userId, role, name } = actor;
    const at = new Date(now).toISOString();
    const row: ScheduleEntity = {
      id: newId('sched'),
      name: wish.name,
      cron: wish.cron,
      timezone: wish.timezone,
      file: wish.file,
      missed: wish.missed,
      paused: wish.paused,
      baseline: wish.baseline ?? null,
      maxRegression: wish.maxRegression ?? null,
      actor: { tokenId, role, name, ...(userId !== undefined && { userId }) },
      createdAt: at,
      lookedAt: at,
    };
    await this.database.write(
      async (manager) => {
        await requireFreeName(manager, wish.name, row.id);
        await manager.insert(ScheduleEntity, row);
        this.#changed(row.id);
      },
      { label: 'schedule.create' },
    );
    return this.show(row.id);
  }

  async list(query: PageQuery): Promise<{ items: Schedule[]; next?: string }> {
    const rows = this.database.reader.getRepository(ScheduleEntity).createQueryBuilder('schedule');
    if (query.cursor !== undefined)
      rows.where('(schedule.name, schedule.id) > (:at, :id)', { ...decodeCursor(query.cursor) });
    const found = await rows
      .orderBy('schedule.name')
      .addOrderBy('schedule.id')
      .limit(query.limit + 1)
      .getMany();
    const views = new Map((await this.#views(found)).map((view) => [view.id, view]));
    return page(
      found,
      query.limit,
      (row) => ({ at: row.name, id: row.id }),
      (row) => views.get(row.id)!,
    );
  }

  /** By id or name. Throws `schedule.unknown`. */
  async show(idOrName: string): Promise<Schedule> {
    return (await this.#views([await this.#find(idOrName)]))[0]!;
  }

  /** Newest first. Throws `schedule.unknown`, `cursor.invalid`. */
  async starts(idOrName: string, query: PageQuery): Promise<{ items: ScheduleStart[]; next?: string }> {
    const { id } = await this.#find(idOrName);
    const rows = this.database.reader
      .getRepository(StartEntity)
      .createQueryBuilder('start')
      .where('start.scheduleId = :id', { id });
    if (query.cursor !== undefined)
      rows.andWhere('start.position < :at', { at: Number(decodeCursor(query.cursor).at) });
    const found = await rows
      .orderBy('start.position', 'DESC')
      .limit(query.limit + 1)
      .getMany();
    return page(found, query.limit, (row) => ({ at: String(row.position), id: row.id }), startView);
  }

  /**
   * Another rule counts from now on: nothing of the past is made up for. Throws `schedule.unknown`, `schedule.cron-invalid`, `schedule.name-taken`,
   * `auth.forbidden`: its sweeps run in its owner's name.
   */
  update(actor: Actor, idOrName: string, wish: z.output<typeof ScheduleUpdate>): Promise<Schedule> {
    return this.#change(idOrName, 'schedule.update', async (manager, row) => {
      requireOwner(actor, row);
      const { baseline, ...rest } = wish;
      const rule = { cron: wish.cron ?? row.cron, timezone: wish.timezone ?? row.timezone };
      const another = rule.cron !== row.cron || rule.timezone !== row.timezone;
      const now = this.clock.now();
      if (another) checkRule(rule, now);
      if (wish.name !== undefined) await requireFreeName(manager, wish.name, row.id);
      return {
        ...rest,
        ...(baseline !== undefined && { baseline: baseline === '' ? null : baseline }),
        ...(another && { lookedAt: new Date(now).toISOString() }),
      };
    });
  }

  /** Nothing starts until it is resumed; a sweep that runs goes on. */
  pause(idOrName: string): Promise<Schedule> {
    return this.#change(idOrName, 'schedule.pause', async () => ({ paused: true }));
  }

  /** What came while it was paused was not missed. */
  resume(idOrName: string): Promise<Schedule> {
    return this.#change(idOrName, 'schedule.resume', async (_manager, row) =>
      row.paused ? { paused: false, lookedAt: new Date(this.clock.now()).toISOString() } : {},
    );
  }

  /** Throws `schedule.unknown`, `schedule.overlap` and what making the sweep throws. */
  async trigger(actor: Actor, idOrName: string): Promise<ScheduleStart> {
    return this.starter.trigger(actor, await this.#find(idOrName));
  }

  /** With its starts; its sweeps stay, also one that runs. Throws `schedule.unknown`, `auth.forbidden`. */
  async remove(actor: Actor, idOrName: string): Promise<void> {
    const { id } = await this.#find(idOrName);
    await this.database.write(
      async (manager) => {
        const row = await manager.findOneBy(ScheduleEntity, { id });
        if (!row) throw unknown(idOrName);
        requireOwner(actor, row);
        await manager.delete(ScheduleEntity, { id });
        this.database.afterCommit(() => this.live.removed('schedule', id, ['lab']));
      },
      { label: 'schedule.remove' },
    );
  }

  async #change(
    idOrName: string,
    label: string,
    change: (manager: EntityManager, row: ScheduleEntity) => Promise<Partial<ScheduleEntity>>,
  ): Promise<Schedule> {
    const { id } = await this.#find(idOrName);
    await this.database.write(
      async (manager) => {
        const row = await manager.findOneBy(ScheduleEntity, { id });
        if (!row) throw unknown(idOrName);
        await manager.save(ScheduleEntity, { ...row, ...(await change(manager, row)) });
        this.#changed(id);
      },
      { label },
    );
    return this.show(id);
  }

  #changed(id: string): void {
    this.database.afterCommit(() => {
      this.live.touch('schedule', id);
      this.timer.kick();
    });
  }

  async #views(rows: readonly ScheduleEntity[]): Promise<Schedule[]> {
    const starts = this.database.reader.getRepository(StartEntity);
    const now = this.clock.now();
    return Promise.all(
      rows.map(async (row) => {
        const last = await starts.findOne({ where: { scheduleId: row.id }, order: { position: 'DESC' } });
        return scheduleView(row, last ?? undefined, now);
      }),
    );
  }

  async #find(idOrName: string): Promise<ScheduleEntity> {
    const rows = await this.database.reader
      .getRepository(ScheduleEntity)
      .find({ where: [{ id: idOrName }, { name: idOrName }] });
    const row = rows.find(({ id }) => id === idOrName) ?? rows[0];
    if (!row) throw unknown(idOrName);
    return row;
  }
}

const unknown = (idOrName: string): LabError =>
  new LabError('schedule.unknown', `there is no schedule "${idOrName}"; \`hilltop schedule ls\` lists them`, {
    schedule: idOrName,
  });

async function requireFreeName(manager: EntityManager, name: string, id: string): Promise<void> {
  if (await manager.existsBy(ScheduleEntity, { name, id: Not(id) }))
    throw new LabError('schedule.name-taken', `there is already a schedule ${name}; edit it, or choose another name`, {
      name,
    });
}

function requireOwner(actor: Actor, row: ScheduleEntity): void {
  if (ownerOf(actor) === ownerOf(row.actor) || allows(actor.role, 'admin')) return;
  throw new LabError(
    'auth.forbidden',
    `it is ${row.actor.name}'s, and starts sweeps in that name; pause it, or ask an admin`,
    {
      owner: row.actor.name,
    },
  );
}
