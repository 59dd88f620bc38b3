import type { LiveEvent } from '@hilltop/contracts';

/** Ten minutes at ten buckets a second. */
export const traceCapacity = 6000;
/** Buckets are 100 ms wide; a hole of more than one and a half is drawn as a hole. */
const gapMs = 150;

/** Columns as uPlot takes them; `null` is a gap. Times in s since the trace began, latencies in ms. */
export interface TraceColumns {
  readonly t: number[];
  readonly low: (number | null)[];
  readonly mid: (number | null)[];
  readonly high: (number | null)[];
}

/** What a drawing needs of a trace; `version` grows with each change. */
export interface TraceSource {
  readonly version: number;
  columns(): TraceColumns;
}

/**
 * The latency trace of one run: a ring of buckets (agent's clock ms, min, median, max). What did not arrive is a gap.
 * A block's own time starts at 0; its place on the clock is the earliest `sentAtMs - newest t` seen, because sending
 * only ever adds delay.
 */
export class TraceBuffer implements TraceSource {
  private readonly at = new Float64Array(traceCapacity);
  private readonly low = new Float64Array(traceCapacity);
  private readonly mid = new Float64Array(traceCapacity);
  private readonly high = new Float64Array(traceCapacity);
  private start = 0;
  private length = 0;
  private block: number | undefined;
  private blockStartMs = 0;
  private originMs: number | undefined;
  /** Grows with each change: a drawing with the same number is up to date. */
  version = 0;

  push(event: Pick<LiveEvent, 'block' | 'sentAtMs' | 'buckets'>): void {
    const buckets = event.buckets;
    const newest = buckets?.at(-1)?.[0];
    if (!buckets || newest === undefined) return;
    const startMs = event.sentAtMs - newest;
    if (event.block !== this.block) {
      this.block = event.block;
      this.blockStartMs = startMs;
    }
    for (const [t, low, mid, high] of buckets) this.append(this.blockStartMs + t, low, mid, high);
    this.version++;
  }

  private append(at: number, low: number, mid: number, high: number): void {
    const last =
      this.length === 0 ? Number.NEGATIVE_INFINITY : this.at[(this.start + this.length - 1) % traceCapacity]!;
    if (at <= last) return; // sent twice, or clocks moved back: time only goes on
    this.originMs ??= at;
    const slot = (this.start + this.length) % traceCapacity;
    this.at[slot] = at;
    this.low[slot] = low;
    this.mid[slot] = mid;
    this.high[slot] = high;
    if (this.length < traceCapacity) this.length++;
    else this.start = (this.start + 1) % traceCapacity;
  }

  columns(): TraceColumns {
    const out: TraceColumns = { t: [], low: [], mid: [], high: [] };
    const origin = this.originMs ?? 0;
    for (let i = 0; i < this.length; i++) {
      const slot = (this.start + i) % traceCapacity;
      const at = this.at[slot]!;
      const before = i === 0 ? at : this.at[(this.start + i - 1) % traceCapacity]!;
      if (at - before > gapMs) {
        out.t.push((before + 1 - origin) / 1000);
        out.low.push(null);
        out.mid.push(null);
        out.high.push(null);
      }
      out.t.push((at - origin) / 1000);
      out.low.push(this.low[slot]!);
      out.mid.push(this.mid[slot]!);
      out.high.push(this.high[slot]!);
    }
    return out;
  }
}
