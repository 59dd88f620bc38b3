import { median } from '@hilltop/contracts';
import type { TraceColumns, TraceSource } from '../../live/trace-buffer.js';

/** Measured time between two blocks is unknown to the observations; this much is left free so that the hole is seen, s. */
const holeSeconds = 0.2;

export interface StoredLatencies {
  /** Block of each inference, ascending. */
  readonly block: readonly number[];
  /** ms; null is an inference without a number. */
  readonly latency_ms: readonly (number | null)[];
}

/**
 * The stored observations as a trace: inference after inference (single stream: each starts when the one before has
 * ended), brought to at most `buckets` of min, median and max. Deterministic: the same run always looks the same.
 */
export function storedTrace({ block, latency_ms: latencies }: StoredLatencies, buckets: number): TraceSource {
  const size = Math.max(1, Math.ceil(latencies.length / Math.max(1, buckets)));
  const out: TraceColumns = { t: [], low: [], mid: [], high: [] };
  let seconds = 0;
  let from = 0;
  while (from < latencies.length) {
    if (from > 0 && block[from] !== block[from - 1]) {
      out.t.push(seconds + holeSeconds / 2);
      out.low.push(null);
      out.mid.push(null);
      out.high.push(null);
      seconds += holeSeconds;
    }
    let to = from;
    while (to < latencies.length && to - from < size && block[to] === block[from]) to++;
    const values = latencies.slice(from, to).filter((value): value is number => value !== null);
    if (values.length > 0) {
      out.t.push(seconds);
      out.low.push(Math.min(...values));
      out.mid.push(median(values));
      out.high.push(Math.max(...values));
      seconds += values.reduce((sum, value) => sum + value, 0) / 1000;
    }
    from = to;
  }
  return { version: 0, columns: () => out };
}
