import { type Change, type ConsoleState, type ConsoleType, consoleLimits, LabError } from '@hilltop/contracts';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { In } from 'typeorm';
import { type Actor, ownerOf } from '../access/actor.js';
import { DeviceEntity } from '../devices/device.entity.js';
import { DeviceService } from '../devices/device.service.js';
import { LEASE_CLOCK, type LeaseClockSource } from '../leases/lease.service.js';
import { LeaseBook } from '../leases/lease-book.js';
import { Database } from '../links/database.js';
import { LiveService } from '../live/live.service.js';
import { LOG, type Log } from '../log.js';
import { RunProgress } from '../runs/run-progress.js';
import { ConsoleDelivery } from './console-delivery.js';
import { applyConsole, type ConsoleAct, freeKeyboard, grantedAt, type Keyboard } from './console-rules.js';
import { ConsoleTranscript } from './console-transcript.js';
import { HeldLease } from './held-lease.js';

type WithoutParty<T> = T extends { by: unknown } ? Omit<T, 'by'> : never;
/** An act as a gateway or a controller gives it. */
export type KeyboardAct = WithoutParty<ConsoleAct>;

/** How often it is looked whether silence has granted or ended something. */
const lookMs = 1000;

/** Who may type to which board: in memory, checked against the lease in the very transaction that stores what is typed. */
@Injectable()
export class KeyboardService implements OnModuleInit, OnModuleDestroy {
  readonly #keyboards = new Map<string, Keyboard>();
  /** Device -> connection -> who looks on there. */
  readonly #watchers = new Map<string, Map<string, string>>();
  readonly #stop: Array<() => void> = [];
  readonly #log: Log;

  constructor(
    private readonly database: Database,
    private readonly devices: DeviceService,
    private readonly book: LeaseBook,
    private readonly held: HeldLease,
    private readonly progress: RunProgress,
    private readonly transcript: ConsoleTranscript,
    private readonly delivery: ConsoleDelivery,
    private readonly live: LiveService,
    @Inject(LEASE_CLOCK) private readonly now: LeaseClockSource,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'consoles' });
  }

  onModuleInit(): void {
    const timer = setInterval(() => this.look(), lookMs);
    const phases = new Map<string, string>();
    this.#stop.push(
      () => clearInterval(timer.unref()),
      this.book.changed.listen(({ deviceIds }) => this.#leaseChanged(deviceIds)),
      this.live.live.listen(({ deviceId, phase }) => {
        if (phases.get(deviceId) === phase) return;
        phases.set(deviceId, phase);
        this.live.touch('console', deviceId);
      }),
    );
    this.live.register('console', {
      load: (ids) => this.#changes(ids),
      list: async (topic) => (topic.startsWith('device/') ? this.#changes([topic.slice('device/'.length)]) : []),
    });
  }

  onModuleDestroy(): void {
    for (const stop of this.#stop) stop();
  }

  /** Takes, asks for, grants or gives back a keyboard. Answers with the revision. Throws `device.unknown`, `console.…`. */
  async act(actor: Actor, idOrName: string, act: Exclude<KeyboardAct, { type: 'type' }>): Promise<number> {
    const device = await this.#board(idOrName);
    return this.#apply(device.id, { ...act, by: partyOf(actor) } as ConsoleAct);
  }

  /** Types to a board. Answers with the line's place in the transcript; the line itself says later what became of it. */
  async type(actor: Actor, idOrName: string, typed: ConsoleType, connection?: string): Promise<number> {
    const device = await this.#board(idOrName);
    if (!this.delivery.reaches(device))
      throw new LabError('device.offline', `the agent of ${device.name} is away; nothing is kept for it`);
    return this.#apply(device.id, { type: 'type', by: partyOf(actor), connection }, { device, typed });
  }

  /** A connection ended: what it had of keyboards is gone. */
  async disconnected(connection: string): Promise<void> {
    for (const deviceId of this.#watchers.keys()) this.leave(deviceId, connection);
    for (const [deviceId, { writer, ask }] of this.#keyboards)
      if (writer?.connection === connection || ask?.connection === connection)
        await this.#apply(deviceId, { type: 'disconnect', connection });
  }

  async watch(actor: Actor, idOrName: string, connection: string): Promise<void> {
    const { id } = await this.#board(idOrName);
    const watchers = this.#watchers.get(id) ?? new Map<string, string>();
    this.#watchers.set(id, watchers.set(connection, ownerOf(actor)));
    this.live.touch('console', id);
  }

  leave(deviceId: string, connection: string): void {
    const watchers = this.#watchers.get(deviceId);
    if (!watchers?.delete(connection)) return;
    if (watchers.size === 0) this.#watchers.delete(deviceId);
    this.live.touch('console', deviceId);
  }

  /** Silence may have granted or ended something. */
  look(): void {
    const now = this.now();
    for (const [deviceId, keyboard] of this.#keyboards) {
      const { writer } = keyboard;
      const due = Math.min(
        grantedAt(keyboard) ?? Number.POSITIVE_INFINITY,
        writer && writer.connection === undefined ? writer.activeAt + consoleLimits.idleMs : Number.POSITIVE_INFINITY,
      );
      if (now >= due) this.#background(deviceId);
    }
  }

  keyboard(deviceId: string): Keyboard {
    return this.#keyboards.get(deviceId) ?? freeKeyboard;
  }

  async state(deviceId: string): Promise<ConsoleState> {
    const hold = await this.held.of(this.database.reader.manager, deviceId);
    const keyboard = this.keyboard(deviceId);
    const { writer, ask, revision } = keyboard;
    const measuring = this.#measuring(deviceId);
    const party = ({ owner, name }: { owner: string; name: string }) => ({ owner, name });
    const iso = (ms: number) => new Date(ms).toISOString();
    return {
      deviceId,
      revision,
      ...(hold && { holder: party(hold) }),
      ...(writer && writer.holding === hold?.holding && { writer: party(writer) }),
      ...(ask && {
        ask: { by: party(ask), at: iso(ask.at), grantedAt: iso(Math.max(grantedAt(keyboard)!, ask.at)) },
      }),
      watchers: new Set(this.#watchers.get(deviceId)?.values()).size,
      ...(measuring !== undefined && { measuring }),
    };
  }

  /** The keyboard goes with the lease, in the same step; who has one now is written down after it. */
  #leaseChanged(deviceIds: readonly string[]): void {
    for (const deviceId of deviceIds) {
      const { writer, ask } = this.keyboard(deviceId);
      if (writer || ask) this.#background(deviceId);
      else this.live.touch('console', deviceId);
    }
  }

  #background(deviceId: string): void {
    this.#apply(deviceId, { type: 'tick' }).catch((error: unknown) =>
      this.#log.error({ err: error, deviceId }, 'a keyboard could not be looked after'),
    );
  }

  /** One transaction: no lease can change between the look at it and the line that is stored. */
  async #apply(
    deviceId: string,
    act: ConsoleAct,
    typing?: { device: DeviceEntity; typed: ConsoleType },
  ): Promise<number> {
    const result = await this.database.write(
      async (manager) => {
        const hold = await this.held.of(manager, deviceId);
        await this.transcript.settle(manager, deviceId);
        const now = this.now();
        const before = this.keyboard(deviceId);
        const { keyboard, refusal } = applyConsole(before, act, { hold, now, measuring: this.#measuring(deviceId) });
        // Nothing waits between the look and this; should the transaction fail, nobody has more than was looked at.
        this.#keyboards.set(deviceId, keyboard);
        const at = new Date(now).toISOString();
        const runId = this.progress.onDevice(deviceId)?.runId ?? null;
        for (const mark of marksOf(before, keyboard))
          await this.transcript.add(manager, { deviceId, at, runId, kind: 'mark', ...mark });
        this.database.afterCommit(() => {
          if (before.revision !== keyboard.revision || act.type === 'tick') this.live.touch('console', deviceId);
        });
        if (refusal) return { refusal };
        if (!typing || !('by' in act)) return { order: keyboard.revision };
        const { text, key } = typing.typed;
        const order = await this.transcript.add(manager, {
          deviceId,
          at,
          runId,
          kind: 'in',
          outcome: 'sent',
          owner: act.by.owner,
          name: act.by.name,
          text: text ?? '',
          key: key ?? null,
        });
        this.database.afterCommit(async () => {
          this.delivery.send(typing.device, order, typing.typed);
          await this.delivery.tell(order);
        });
        return { order };
      },
      { label: 'console' },
    );
    if ('refusal' in result) throw result.refusal;
    return result.order;
  }

  /** A run past fetching what it needs. */
  #measuring(deviceId: string): string | undefined {
    const run = this.progress.onDevice(deviceId);
    return run && run.phase !== 'fetching' ? run.runId : undefined;
  }

  async #board(idOrName: string): Promise<DeviceEntity> {
    const device = await this.devices.find(idOrName);
    if (device.kind === 'microcontroller') return device;
    throw new LabError('console.absent', `${device.name} is no board: it has no serial console`);
  }

  async #changes(ids: readonly string[]): Promise<Change[]> {
    const boards = await this.database.reader
      .getRepository(DeviceEntity)
      .find({ where: { id: In([...ids]), kind: 'microcontroller' }, select: { id: true } });
    return Promise.all(boards.map(async ({ id }) => ({ kind: 'console' as const, id, value: await this.state(id) })));
  }
}

const partyOf = (actor: Actor) => ({ owner: ownerOf(actor), name: actor.name });

/** What the transcript says of a keyboard that changed hands. */
function marksOf(before: Keyboard, after: Keyboard): Array<{ text: string; owner: string; name: string }> {
  const [old, now] = [before.writer, after.writer];
  if (old?.owner === now?.owner && old?.holding === now?.holding) return [];
  if (now) return [{ text: 'has the keyboard', owner: now.owner, name: now.name }];
  return old ? [{ text: 'has the keyboard no more', owner: old.owner, name: old.name }] : [];
}
