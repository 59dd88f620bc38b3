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

/** What one screen follows and how far it was told. A slow one costs one entry per entity, not per change. */
export class Subscriber {
  /** Topic -> revision it has been told; undefined while its snapshot is being read. */
  readonly #told = new Map<Topic, number | undefined>();

  constructor(
    private readonly screen: Screen,
    private readonly epoch: string,
    private readonly feed: Feed,
  ) {}

  /** Answers with the changes since what it has, or with a snapshot. */
  async subscribe(request: Subscribe, snapshot: (topic: Topic) => Promise<Snapshot>): Promise<SubscribeAnswer> {
    const { topic, have } = request;
    if (!this.#told.has(topic) && this.#told.size >= topicLimit) {
      return {
        ok: false,
        error: { code: 'request.invalid', message: `at most ${topicLimit} topics at once; unsubscribe from some` },
      };
    }
    const changes = have?.epoch === this.epoch ? this.feed.since(topic, have.revision) : undefined;
    if (have && changes) {
      const to = this.feed.revision;
      this.#told.set(topic, to);
      return { ok: true, changes: { topic, epoch: this.epoch, from: have.revision, to, changes } };
    }
    this.#told.set(topic, undefined);
    const whole = await snapshot(topic);
    if (!this.#told.has(topic)) return { ok: true, snapshot: whole };
    // What came while it was being read was told to nobody here, and there may be no next change to tell it with.
    const meanwhile = this.feed.since(topic, whole.revision);
    if (!meanwhile) return this.subscribe({ topic }, snapshot);
    const { revision } = this.feed;
    this.#told.set(topic, revision);
    return { ok: true, snapshot: { ...whole, revision, entities: merged(whole.entities, meanwhile) } };
  }

  unsubscribe(topic: Topic): void {
    this.#told.delete(topic);
  }

  follows(topic: Topic): boolean {
    return this.#told.has(topic);
  }

  /** Tells what is new; false when it must be tried again because the screen is busy. */
  flush(): boolean {
    for (const [topic, told] of this.#told) {
      if (told === undefined || told === this.feed.revision) continue;
      if (!this.screen.writable()) return false;
      const to = this.feed.revision;
      const changes = this.feed.since(topic, told);
      if (changes === undefined) {
        // Too far behind: the gap between `from` and what it has makes it ask for a snapshot.
        this.#told.delete(topic);
        this.screen.changes({ topic, epoch: this.epoch, from: to, to, changes: [] });
      } else if (changes.length > 0) {
        this.#told.set(topic, to);
        this.screen.changes({ topic, epoch: this.epoch, from: told, to, changes });
      }
    }
    return true;
  }
}

/** The entities after the changes. */
function merged(entities: readonly Change[], changes: readonly Change[]): Change[] {
  const last = new Map([...entities, ...changes].map((change) => [`${change.kind} ${change.id}`, change]));
  return [...last.values()].filter(({ value }) => value !== undefined);
}
