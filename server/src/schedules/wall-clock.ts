/** The clock on the wall and one alarm by it; tests turn it themselves. */
export class WallClock {
  /** An alarm counts time, not the clock: one that was set, and what another coordinator changed, is seen within this. */
  readonly longestWaitMs: number = 30_000;

  now(): number {
    return Date.now();
  }

  /** Runs `work` once after `waitMs`; call the answer to run it not at all. */
  after(waitMs: number, work: () => void): () => void {
    const timer = setTimeout(work, waitMs);
    timer.unref();
    return () => clearTimeout(timer);
  }
}
