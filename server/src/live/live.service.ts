import {
  type Change,
  type ChangeKind,
  type ConsoleEvent,
  type LiveEvent,
  type Pulses,
  pulseMs,
  type Snapshot,
  type Topic,
} from '@hilltop/contracts';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { LabIdentity } from '../lab/lab-identity.js';
import { Signal } from '../links/signal.js';
import { LOG, type Log } from '../log.js';
import { DevicePulses, type PulsePart } from './device-pulses.js';
import { Feed } from './feed.js';
import { topicsOf } from './topics.js';

/** How a noun hands its entities to screens, as they are committed now. */
export interface LiveSource {
  /** Changes with the present value of each id; without a value where it is gone. */
  load(ids: readonly string[]): Promise<Change[]>;
  /** Everything of this kind that a snapshot of the topic holds. */
  list(topic: Topic): Promise<Change[]>;
}

/** Most often a screen is told of changes; in between they are merged per entity. */
const flushMs = 100;

/** What screens see. Nouns say that something changed, after its commit; the value is read once, when it is told. */
@Injectable()
export class LiveService implements OnModuleDestroy {
  readonly epoch: string;
  /** New changes are in the feed. */
  readonly flushed = new Signal<void>();
  /** Lossy, for screens only. */
  readonly live = new Signal<LiveEvent>();
  /** Lossy likewise. */
  readonly console = new Signal<ConsoleEvent>();
  /** What devices do just now; told to those who follow the lab, at most every `pulseMs`. */
  readonly pulses = new DevicePulses();
  readonly pulsed = new Signal<Pulses>();
  /** Which addresses measure has changed. */
  readonly quiet = new Signal<void>();
  readonly feed = new Feed();
  readonly #measuring = new Map<string, number>();
  readonly #sources = new Map<ChangeKind, LiveSource>();
  readonly #dirty = new Map<ChangeKind, Set<string>>();
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #beat: NodeJS.Timeout | undefined;
  #beatAt = Number.NEGATIVE_INFINITY;
  #flushedAt = 0;
  #running: Promise<void> | undefined;

  constructor(identity: LabIdentity, @Inject(LOG) log: Log) {
    this.epoch = identity.epoch;
    this.#log = log.child({ part: 'live' });
  }

  /** One source per kind, registered by its noun at start. */
  register(kind: ChangeKind, source: LiveSource): void {
    this.#sources.set(kind, source);
  }

  /** Something came to be or changed. Call it after the commit. */
  touch(kind: ChangeKind, ...ids: readonly string[]): void {
    const set = this.#dirty.get(kind) ?? new Set();
    for (const id of ids) set.add(id);
    this.#dirty.set(kind, set);
    this.#schedule();
  }

  /** Something is gone; `topics` are those that knew it. */
  removed(kind: ChangeKind, id: string, topics: readonly Topic[]): void {
    this.#dirty.get(kind)?.delete(id);
    if (kind === 'device') this.pulses.forget(id);
    this.feed.append({ kind, id } as Change, topics);
    this.#schedule();
  }

  /** Something of what a device does just now: the first at once, then what has gathered. */
  beat(deviceId: string, part: PulsePart): void {
    this.pulses.beat(deviceId, part, Date.now());
    this.#beat ??= setTimeout(
      () => {
        this.#beat = undefined;
        this.#beatAt = performance.now();
        this.pulsed.emit({ sentAtMs: Date.now(), pulses: this.pulses.take() });
      },
      Math.max(0, this.#beatAt + pulseMs - performance.now()),
    ).unref();
  }

  /** A run began (+1) or stopped (-1) measuring on the machine with this address. */
  measuring(address: string, by: 1 | -1): void {
    const machine = machineOf(address);
    const before = this.#measuring.get(machine) ?? 0;
    const count = Math.max(0, before + by);
    if (count === 0) this.#measuring.delete(machine);
    else this.#measuring.set(machine, count);
    if ((before === 0) !== (count === 0)) this.quiet.emit();
  }

  /** Whether a screen at this address would disturb a measurement by drawing. */
  quietFor(address: string): boolean {
    return this.#measuring.has(machineOf(address));
  }

  /** Everything of a topic. Its revision is from before the reading: what comes twice is the same. */
  async snapshot(topic: Topic): Promise<Snapshot> {
    const { revision } = this.feed;
    const lists = await Promise.all([...this.#sources.values()].map((source) => source.list(topic)));
    return { topic, epoch: this.epoch, revision, entities: lists.flat() };
  }

  onModuleDestroy(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#beat);
  }

  #schedule(): void {
    if (this.#timer || this.#running) return;
    const wait = Math.max(10, this.#flushedAt + flushMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#flush()
        .catch((error: unknown) => this.#log.error({ err: error }, 'changes could not be read'))
        .finally(() => {
          this.#running = undefined;
          if ([...this.#dirty.values()].some((ids) => ids.size > 0)) this.#schedule();
        });
    }, wait);
    this.#timer.unref();
  }

  async #flush(): Promise<void> {
    this.#flushedAt = performance.now();
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    for (const [kind, ids] of dirty) {
      const source = this.#sources.get(kind);
      if (!source || ids.size === 0) continue;
      for (const change of await source.load([...ids])) this.feed.append(change, topicsOf(change));
    }
    this.flushed.emit();
  }
}

/** Every loopback address is the same machine. */
function machineOf(address: string): string {
  return address === '::1' || address.startsWith('127.') ? 'loopback' : address;
}
