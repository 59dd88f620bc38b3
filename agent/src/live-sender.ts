import type { Live } from '@hilltop/contracts';

const shortestMs = 100;

/** Sends a run's progress at most ten times a second: buckets gather, the rest is the newest; a new phase goes out at once. */
export class LiveSender {
  private sentAt = Number.NEGATIVE_INFINITY;
  private phase: string | undefined;
  private buckets: NonNullable<Live['buckets']> = [];

  constructor(
    private readonly runId: string,
    private readonly send: (live: Live) => void,
    private readonly clock: { readonly monotonic: () => number; readonly wall: () => number },
  ) {}

  report(progress: Omit<Live, 'runId' | 'sentAtMs'>): void {
    if (progress.buckets) this.buckets.push(...progress.buckets);
    const now = this.clock.monotonic();
    if (progress.phase === this.phase && now - this.sentAt < shortestMs && progress.fraction < 1) return;
    this.sentAt = now;
    this.phase = progress.phase;
    const buckets = this.buckets.slice(-50);
    this.buckets = [];
    this.send({ ...progress, buckets, runId: this.runId, sentAtMs: this.clock.wall() });
  }
}
