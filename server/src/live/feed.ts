import type { Change, Topic } from '@hilltop/contracts';

interface Entry {
  readonly revision: number;
  readonly topics: readonly Topic[];
  readonly change: Change;
}

/** The last changes by revision; pure. One counter for everything, so that a client's position is one number. */
export class Feed {
  readonly #ring: Entry[] = [];
  #revision = 0;
  /** Changes up to here have been forgotten. */
  #forgotten = 0;

  constructor(private readonly capacity = 5_000) {}

  get revision(): number {
    return this.#revision;
  }

  append(change: Change, topics: readonly Topic[]): void {
    this.#revision += 1;
    this.#ring.push({ revision: this.#revision, topics, change });
    // In large steps: shifting one by one would copy the ring each time.
    if (this.#ring.length >= this.capacity * 2) {
      const gone = this.#ring.splice(0, this.#ring.length - this.capacity);
      this.#forgotten = gone.at(-1)!.revision;
    }
  }

  /**
   * What changed on a topic after `revision`, the last value per entity; undefined when that is no longer known:
   * the client needs a snapshot.
   */
  since(topic: Topic, revision: number): Change[] | undefined {
    if (revision < this.#forgotten || revision > this.#revision) return undefined;
    const last = new Map<string, Change>();
    for (let i = this.#ring.length - 1; i >= 0 && this.#ring[i]!.revision > revision; i--) {
      const { topics, change } = this.#ring[i]!;
      const key = `${change.kind} ${change.id}`;
      if (topics.includes(topic) && !last.has(key)) last.set(key, change);
    }
    return [...last.values()].reverse();
  }
}
