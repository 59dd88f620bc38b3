import {
  type Change,
  LabError,
  leaseLimits,
  type Reservation,
  type ReservationQuery,
  type Reserve,
} from '@hilltop/contracts';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { type EntityManager, In, Not } from 'typeorm';
import type * as z from 'zod';
import { type Actor, ownerOf } from '../access/actor.js';
import { decodeCursor, page } from '../access/page.js';
import { DeviceEntity } from '../devices/device.entity.js';
import { DeviceService } from '../devices/device.service.js';
import { newId } from '../ids.js';
import { Database } from '../links/database.js';
import { LiveService } from '../live/live.service.js';
import { topicsOf } from '../live/topics.js';
import { LOG, type Log } from '../log.js';
import { LeaseBook } from './lease-book.js';
import { leaseOfRow, reservationView } from './lease-rows.js';
import { applyLease, type Commander, type LeaseAct, type LeaseRule } from './lease-rules.js';
import { active, dueAt, type Lease, type LeaseState, ms } from './lease-state.js';
import { type LeasePicture, LeaseStore } from './lease-store.js';
import { ReservationEntity } from './reservation.entity.js';

/** Injection token of the wall clock of leases, in ms since 1970: a lease ends at a time that people were told. */
export const LEASE_CLOCK = Symbol('lease-clock');
export type LeaseClockSource = () => number;

export type ReserveWish = z.output<typeof Reserve>;

/** Ended reservations that a snapshot still shows, with the reason. */
const recentEnds = 20;

type WithoutCommon<T> = T extends unknown ? Omit<T, 'id' | 'by'> : never;
/** A command as a controller gives it. */
export type LeaseCommandOf = WithoutCommon<LeaseAct>;

/** Wishes for devices and the leases they become: one transaction per command. */
@Injectable()
export class LeaseService implements OnModuleInit {
  readonly #log: Log;
  /** The next moment at which time alone changes something. */
  #due = Number.NEGATIVE_INFINITY;
  /** Something waits for what is no matter of time: a device to come into rotation, a job to begin. */
  #waits = true;

  constructor(
    private readonly database: Database,
    private readonly devices: DeviceService,
    private readonly store: LeaseStore,
    private readonly book: LeaseBook,
    private readonly live: LiveService,
    @Inject(LEASE_CLOCK) private readonly now: LeaseClockSource,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'leases' });
  }

  onModuleInit(): void {
    this.devices.retired.listen(({ deviceId }) => {
      this.#apply(() => ({ type: 'device-gone', deviceId })).catch((error: unknown) =>
        this.#log.error({ deviceId, err: error }, 'leases of a device that left'),
      );
    });
    this.live.register('reservation', {
      load: async (ids) => this.#changes(await this.#rows({ id: In([...ids]) })),
      list: async (topic) => {
        if (topic === 'lab') {
          const ended = await this.#rows({ state: 'ended' }, recentEnds);
          return this.#changes([...(await this.#rows({ state: Not('ended') })), ...ended]);
        }
        if (!topic.startsWith('device/')) return [];
        const open = await this.#changes(await this.#rows({ state: Not('ended') }));
        return open.filter((change) => topicsOf(change).includes(topic));
      },
    });
  }

  /**
   * A wish; granted and taken at once where a device is free. Throws `device.unknown`, `device.none-match`,
   * `lease.held`, `lease.too-long`, `lease.too-many`, `auth.forbidden`.
   */
  async reserve(actor: Actor, wish: ReserveWish): Promise<Reservation> {
    const found = await this.devices.select(wish.selector);
    if (found.length === 0)
      throw new LabError('device.none-match', 'no device matches; see their labels with `hilltop devices`', {
        selector: wish.selector,
      });
    const id = newId('rsv');
    return this.#apply(async (manager) => ({
      type: 'reserve',
      id,
      position: Number((await manager.maximum(ReservationEntity, 'position')) ?? 0) + 1,
      by: commander(actor),
      selector: wish.selector,
      forSeconds: wish.forSeconds,
      note: wish.note,
      force: wish.force,
    })).then(() => this.show(id));
  }

  /** Any other command. Throws `lease.unknown`, `lease.ended`, `lease.changed` with the state it has now, and what the rules refuse. */
  async act(actor: Actor, id: string, command: LeaseCommandOf): Promise<Reservation> {
    try {
      await this.#apply(() => ({ ...command, id, by: commander(actor) }));
    } catch (error) {
      throw await this.#told(error, id);
    }
    return this.show(id);
  }

  async list(query: ReservationQuery): Promise<{ items: Reservation[]; next?: string }> {
    const rows = this.database.reader.getRepository(ReservationEntity).createQueryBuilder('r').where('1 = 1');
    if (query.state !== 'all') rows.andWhere(query.state === 'ended' ? "r.state = 'ended'" : "r.state <> 'ended'");
    if (query.holder !== undefined) rows.andWhere('(r.owner = :holder OR r.name = :holder)', { holder: query.holder });
    if (query.cursor !== undefined) rows.andWhere('r.position < :at', { at: positionOf(query.cursor) });
    rows.orderBy('r.position', 'DESC');
    const device = query.device === undefined ? undefined : (await this.devices.find(query.device)).id;
    if (device !== undefined) {
      const waiting = await this.#candidatesOf(device);
      rows.andWhere(waiting.length > 0 ? '(r.deviceId = :device OR r.id IN (:...waiting))' : 'r.deviceId = :device', {
        device,
        waiting,
      });
    }
    const found = await rows.limit(query.limit + 1).getMany();
    const view = await this.#viewer(found);
    return page(found, query.limit, (row) => ({ at: String(row.position), id: row.id }), view);
  }

  /** Throws `lease.unknown`. */
  async show(id: string): Promise<Reservation> {
    const [row] = await this.#rows({ id });
    if (!row) throw unknown(id);
    return (await this.#viewer([row]))(row);
  }

  /** The coordinator has started: what ended meanwhile has ended; what was granted may still be taken. */
  async restart(): Promise<void> {
    await this.#apply(() => ({ type: 'restart' }));
    const { state } = await this.store.load(this.database.reader.manager);
    this.#look(state, this.now());
  }

  /** To be called every second or so: what is due happens. */
  async sweep(): Promise<void> {
    const now = this.now();
    if (now < this.#due && !this.#waits) return;
    const overdue = now >= this.#due;
    const { state, world } = await this.store.load(this.database.reader.manager);
    // A look without the write lock: most find nothing.
    const outcome = applyLease(state, { type: 'tick' }, now, world);
    if (!(outcome instanceof LabError) && outcome.changed.length > 0) await this.#apply(() => ({ type: 'tick' }));
    else this.#look(state, now);
    // The last minutes and questions that nobody answered are seen by the clock alone.
    if (overdue) this.live.touch('reservation', ...state.leases.filter(active).map(({ id }) => id));
  }

  #apply(rule: (manager: EntityManager) => LeaseRule | Promise<LeaseRule>): Promise<void> {
    return this.database.write(
      async (manager) => {
        const { state, world } = await this.store.load(manager);
        const command = await rule(manager);
        const now = this.now();
        const outcome = applyLease(state, command, now, world);
        if (outcome instanceof LabError) throw outcome;
        await this.store.save(manager, state, outcome);
        const { changed } = outcome;
        this.database.afterCommit(() => {
          this.#look(outcome.state, now);
          if (changed.length > 0) this.#tell(state, outcome.state, changed, command.type);
        });
      },
      { label: 'lease' },
    );
  }

  /** When to look again. */
  #look(state: LeaseState, now: number): void {
    const times = state.leases.map((lease) => dueAt(lease, now)).filter((at) => at !== undefined);
    this.#due = Math.min(Number.POSITIVE_INFINITY, ...times);
    this.#waits = state.leases.some((lease) => lease.state !== 'held') || this.#prolongs(state, now);
  }

  /** In its last minutes a lease is kept by a run that begins now. */
  #prolongs(state: LeaseState, now: number): boolean {
    return state.leases.some(({ state: s, until }) => s === 'held' && until! - now <= ms(leaseLimits.endingSeconds));
  }

  #tell(before: LeaseState, after: LeaseState, changed: readonly Lease[], type: LeaseRule['type']): void {
    for (const { id, state, holder, deviceId, ended } of changed)
      this.#log.info({ leaseId: id, by: type, state, holder: holder.name, deviceId, reason: ended?.reason }, 'lease');
    // Places move when anything before them does.
    const queued = after.leases.filter((lease) => lease.state === 'queued');
    this.live.touch('reservation', ...new Set([...changed, ...queued].map(({ id }) => id)));
    const holders = (state: LeaseState) =>
      new Map(state.leases.filter(active).map(({ deviceId, holder }) => [deviceId!, holder.owner]));
    const [old, now] = [holders(before), holders(after)];
    const deviceIds = [...new Set([...old.keys(), ...now.keys()])].filter((id) => old.get(id) !== now.get(id));
    if (deviceIds.length > 0) this.book.changed.emit({ deviceIds });
  }

  /** The refusal, with the reservation as it is now. */
  async #told(error: unknown, id: string): Promise<unknown> {
    if (!(error instanceof LabError) || !error.code.startsWith('lease.')) return error;
    const [row] = await this.#rows({ id });
    if (!row) return error;
    const reservation = (await this.#viewer([row]))(row);
    const details = { ...error.details, reservation };
    if (row.state === 'ended') return new LabError('lease.ended', 'it has ended; reserve again', details);
    return new LabError(error.code, error.message, details);
  }

  #rows(where: object, take?: number): Promise<ReservationEntity[]> {
    return this.database.reader
      .getRepository(ReservationEntity)
      .find({ where, order: { position: 'DESC' }, ...(take !== undefined && { take }) });
  }

  async #changes(rows: readonly ReservationEntity[]): Promise<Change[]> {
    const view = await this.#viewer(rows);
    return rows.map((row) => ({ kind: 'reservation', id: row.id, value: view(row) }));
  }

  /** Ids of wishes that wait for a device. */
  async #candidatesOf(deviceId: string): Promise<string[]> {
    const { state, world } = await this.store.load(this.database.reader.manager);
    return state.leases
      .filter((lease) => lease.state === 'queued' && world.fits(lease.selector, deviceId))
      .map(({ id }) => id);
  }

  async #viewer(rows: readonly ReservationEntity[]): Promise<(row: ReservationEntity) => Reservation> {
    if (rows.length === 0) return () => ({}) as Reservation;
    const { manager } = this.database.reader;
    const picture: LeasePicture = await this.store.load(manager);
    const ids = rows.map(({ deviceId }) => deviceId).filter((id) => id !== null);
    const named = await manager.find(DeviceEntity, { where: { id: In(ids) }, select: { id: true, name: true } });
    const names = new Map(named.map(({ id, name }) => [id, name]));
    const open = new Map(picture.state.leases.map((lease) => [lease.id, lease]));
    const now = this.now();
    // The picture is the younger one.
    return (row) => reservationView(open.get(row.id) ?? leaseOfRow(row), { ...picture, now, names });
  }
}

const commander = (actor: Actor): Commander => ({
  owner: ownerOf(actor),
  name: actor.name,
  person: actor.userId !== undefined,
  admin: actor.role === 'admin',
});

const unknown = (id: string): LabError =>
  new LabError('lease.unknown', 'there is no such reservation; `hilltop reservations` lists them', { leaseId: id });

/** Throws `cursor.invalid`. */
function positionOf(cursor: string): number {
  const at = Number(decodeCursor(cursor).at);
  if (!Number.isSafeInteger(at))
    throw new LabError('cursor.invalid', 'this cursor is not one of ours; start again without it');
  return at;
}
