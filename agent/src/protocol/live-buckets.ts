/** [time since the block's start ms, min, median, max, n]: what a screen draws of 100 ms of measuring. */
export type Bucket = [number, number, number, number, number];

const bucketMs = 100;

/** Cuts a block's latencies into buckets of 100 ms by their own running time; the open one waits for more. */
export class LiveBuckets {
  private open: number[] = [];
  private openFrom = 0;
  private clock = 0;
  private ready: Bucket[] = [];

  push(latencyMs: ArrayLike<number>): void {
    for (let i = 0; i < latencyMs.length; i++) {
      const latency = latencyMs[i]!;
      this.open.push(latency);
      this.clock += latency;
      if (this.clock - this.openFrom >= bucketMs) this.close();
    }
  }

  private close(): void {
    this.open.sort((a, b) => a - b);
    const n = this.open.length;
    this.ready.push([this.openFrom, this.open[0]!, this.open[Math.ceil(n / 2) - 1]!, this.open[n - 1]!, n]);
    this.open = [];
    this.openFrom = this.clock;
  }

  /** Buckets that are complete since the last call, at most `limit`, the newest. */
  take(limit = 50): Bucket[] {
    const out = this.ready.slice(-limit);
    this.ready = [];
    return out;
  }
}
