import { type LiveEvent, median } from '@hilltop/contracts';
import { type TraceColumns, type TraceSource, traceCapacity } from './trace-buffer.js';

/** A source is silent when nothing came for so many of its usual steps: some have a value once a second. */
const gapSteps = 4;

/** The power beside one run as it comes: buckets on the clock of its readings, s since the first. What did not arrive is a gap. */
export class PowerBuffer implements TraceSource {
  private rows: NonNullable<LiveEvent['power']> = [];
  version = 0;

  push(buckets: NonNullable<LiveEvent['power']>): void {
    const last = this.rows.at(-1)?.[0];
    // An attempt that starts anew has a new clock.
    if (last !== undefined && buckets[0] && buckets[0][0] < last / 2 && buckets[0][0] < newClockMs) this.rows = [];
    for (const bucket of buckets) if (bucket[0] > (this.rows.at(-1)?.[0] ?? -1)) this.rows.push(bucket);
    if (this.rows.length > traceCapacity) this.rows.splice(0, this.rows.length - traceCapacity);
    this.version++;
  }

  columns(): TraceColumns {
    const steps = this.rows.slice(1).map(([at], i) => at - this.rows[i]![0]);
    return withHoles(
      this.rows.map(([at]) => at),
      [this.rows.map(([, low]) => low), this.rows.map(([, , mean]) => mean), this.rows.map(([, , , high]) => high)],
      steps.length > 0 ? gapSteps * median(steps) : Number.POSITIVE_INFINITY,
    );
  }
}

/** The first bucket of an attempt begins at 0; it may have been lost with some that followed. */
const newClockMs = 5000;

/** Columns for a drawing, times from ms to s, with a hole where two rows are further apart than `gapMs`. */
export function withHoles(
  atMs: readonly number[],
  [low, mid, high]: readonly [readonly number[], readonly number[], readonly number[]],
  gapMs: number,
): TraceColumns {
  const out: TraceColumns = { t: [], low: [], mid: [], high: [] };
  for (const [i, at] of atMs.entries()) {
    const before = atMs[i - 1];
    if (before !== undefined && at - before > gapMs) {
      out.t.push((before + at) / 2000);
      out.low.push(null);
      out.mid.push(null);
      out.high.push(null);
    }
    out.t.push(at / 1000);
    out.low.push(low[i]!);
    out.mid.push(mid[i]!);
    out.high.push(high[i]!);
  }
  return out;
}
