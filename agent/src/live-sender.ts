import type { Live } from '@hilltop/contracts';

type Told = Omit<Live, 'runId' | 'sentAtMs' | 'power'>;

const shortestMs = 100;
/** As many as a message holds. */
const mostBuckets = 50;

/** Sends a run's progress at most ten times a second: buckets gather, the rest is the newest; a new phase goes out at once. */
export class LiveSender {
  private sentAt = Number.NEGATIVE_INFINITY;
  private last: Told | undefined;
  private buckets: NonNullable<Live['buckets']> = [];
  private watts: NonNullable<Live['power']> = [];

  constructor(
    private readonly runId: string,
    private readonly send: (live: Live) => void,
    private readonly clock: { readonly monotonic: () => number; readonly wall: () => number },
  ) {}

  report(progress: Told): void {
    const { buckets, ...rest } = progress;
    if (buckets) this.buckets.push(...buckets);
    const isNew = rest.phase !== this.last?.phase || rest.fraction >= 1;
    this.last = rest;
    this.tell(isNew);
  }

  /** Power comes also while nothing else does: a wait for idle power says nothing of itself. */
  power(buckets: NonNullable<Live['power']>): void {
    this.watts.push(...buckets);
    this.tell(false);
  }

  private tell(atOnce: boolean): void {
    const now = this.clock.monotonic();
    if (!this.last || (!atOnce && now - this.sentAt < shortestMs)) return;
    this.sentAt = now;
    const buckets = this.buckets.slice(-mostBuckets);
    const power = this.watts.slice(-mostBuckets);
    this.buckets = [];
    this.watts = [];
    this.send({
      ...this.last,
      buckets,
      ...(power.length > 0 && { power }),
      runId: this.runId,
      sentAtMs: this.clock.wall(),
    });
  }
}
