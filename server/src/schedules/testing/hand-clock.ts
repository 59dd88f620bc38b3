import { WallClock } from '../wall-clock.js';

/** A clock that stands still until it is turned. */
export class HandClock extends WallClock {
  readonly #alarms = new Set<{ readonly atMs: number; readonly work: () => void }>();
  /** Counts time, whatever the clock on the wall is set to. */
  #passedMs = 0;
  #wallMs: number;

  constructor(
    at: string,
    override readonly longestWaitMs = 6 * 3_600_000,
  ) {
    super();
    this.#wallMs = Date.parse(at);
  }

  override now(): number {
    return this.#wallMs;
  }

  override after(waitMs: number, work: () => void): () => void {
    const alarm = { atMs: this.#passedMs + waitMs, work };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** Somebody sets the clock: no time passes. */
  set(at: string): void {
    this.#wallMs = Date.parse(at);
  }

  /** Time passes, alarm by alarm; `settle` waits until what an alarm began is done. */
  async pass(ms: number, settle: () => Promise<void>): Promise<void> {
    const end = this.#passedMs + ms;
    for (;;) {
      const next = [...this.#alarms].sort((a, b) => a.atMs - b.atMs)[0];
      if (!next || next.atMs > end) break;
      this.#alarms.delete(next);
      this.#move(next.atMs);
      next.work();
      await settle();
    }
    this.#move(end);
  }

  #move(toMs: number): void {
    this.#wallMs += Math.max(0, toMs - this.#passedMs);
    this.#passedMs = Math.max(toMs, this.#passedMs);
  }
}
