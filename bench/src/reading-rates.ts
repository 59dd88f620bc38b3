import { decodeColumn, type Observations } from '@hilltop/contracts';

/** Files that are read, and how often each. */
export const sensors = 20;
export const sensorHz = 50;

export interface Rates {
  /** Readings of sensors per second. */
  readonly readings: number;
  /** Time that the meter's intervals cover, ms per second: 1000 when nothing is lost. */
  readonly powerMs: number;
}

/** What came in beside a run, per second between its first and its last; 0 where nothing came. */
export function ratesOf(batches: readonly Observations[]): Rates {
  const column = (kind: 'reading' | 'power', name: string): number[] =>
    batches.filter((batch) => batch.kind === kind).flatMap((batch) => [...decodeColumn(batch, name)]);
  const spanS = (from: readonly number[], to: readonly number[]): number => (to.at(-1)! - from[0]!) / 1000;
  const [before, after] = [column('reading', 'before_ms'), column('reading', 'after_ms')];
  const [start, end] = [column('power', 'start_ms'), column('power', 'end_ms')];
  const covered = start.reduce((sum, ms, i) => sum + end[i]! - ms, 0);
  return {
    readings: before.length > 1 ? before.length / spanS(before, after) : 0,
    powerMs: start.length > 1 ? covered / spanS(start, end) : 0,
  };
}
