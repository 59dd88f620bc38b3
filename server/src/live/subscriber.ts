import type { Change, Changes, Snapshot, Subscribe, SubscribeAnswer, Topic } from '@hilltop/contracts';
import type { Feed } from './feed.js';

/** Topics one screen may follow at once. */
const topicLimit = 50;

/** The wire to one screen. */
export interface Screen {
  /** False while it cannot take more: then nothing is sent and changes are merged. */
  writable(): boolean;
  changes(changes: Changes): void;
}

/** How far a screen is on a topic. */
interface Position {
  /** The revision the screen has. */
  readonly told: number;
  /** Nothing of the topic changed from there to here: a quiet topic does not fall behind while others are busy. */
  readonly seen: number;
}

/** What one screen follows and how far it was told. A slow one costs one entry per entity, not per change. */
export class Subscriber {
  /** Undefined while its snapshot is being read. */
  readonly #positions = new Map<Topic, Position | undefined>();

  constructor(
    private readonly screen: Screen,
    private readonly epoch: string,
    private readonly feed: Feed,
  ) {}

  /** Answers with the changes since what it has, or with a snapshot. */
  async subscribe(request: Subscribe, snapshot: (topic: Topic) => Promise<Snapshot>): Promise<SubscribeAnswer> {
    const { topic, have } = request;
    if (!this.#positions.has(topic) && this.#positions.size >= topicLimit) {
      return {
        ok: false,
        error: { code: 'request.invalid', message: `at most ${topicLimit} topics at once; unsubscribe from some` },
      };
    }
    const changes = have?.epoch === this.epoch ? this.feed.since(topic, this.#seen(topic, have.revision)) : undefined;
    if (have && changes) {
      const to = this.feed.revision;
      this.#positions.set(topic, { told: to, seen: to });
      return { ok: true, changes: { topic, epoch: this.epoch, from: have.revision, to, changes } };
    }
    this.#positions.set(topic, undefined);
    const whole = await snapshot(topic);
    if (!this.#positions.has(topic)) return { ok: true, snapshot: whole };
    // What came while it was being read was told to nobody here, and there may be no next change to tell it with.
    const meanwhile = this.feed.since(topic, whole.revision);
    if (!meanwhile) return this.subscribe({ topic }, snapshot);
    const { revision } = this.feed;
    this.#positions.set(topic, { told: revision, seen: revision });
    return { ok: true, snapshot: { ...whole, revision, entities: merged(whole.entities, meanwhile) } };
  }

  unsubscribe(topic: Topic): void {
    this.#positions.delete(topic);
  }

  follows(topic: Topic): boolean {
    return this.#positions.has(topic);
  }

  /** Tells what is new; false when it must be tried again because the screen is busy. */
  flush(): boolean {
    for (const [topic, position] of this.#positions) {
      const to = this.feed.revision;
      if (position === undefined || position.seen === to) continue;
      const { told, seen } = position;
      const changes = this.feed.since(topic, seen);
      if (changes?.length === 0) {
        this.#positions.set(topic, { told, seen: to });
        continue;
      }
      if (!this.screen.writable()) return false;
      if (changes === undefined) {
        // Too far behind: the gap between `from` and what it has makes it ask for a snapshot.
        this.#positions.delete(topic);
        this.screen.changes({ topic, epoch: this.epoch, from: to, to, changes: [] });
      } else {
        this.#positions.set(topic, { told: to, seen: to });
        this.screen.changes({ topic, epoch: this.epoch, from: told, to, changes });
      }
    }
    return true;
  }

  /** From where on something may have changed for a screen that has `revision`. */
  #seen(topic: Topic, revision: number): number {
    const position = this.#positions.get(topic);
    return position?.told === revision ? position.seen : revision;
  }
}

/** The entities after the changes. */
function merged(entities: readonly Change[], changes: readonly Change[]): Change[] {
  const last = new Map([...entities, ...changes].map((change) => [`${change.kind} ${change.id}`, change]));
  return [...last.values()].filter(({ value }) => value !== undefined);
}
