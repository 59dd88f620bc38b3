import { decodeColumn, marks, type Observations } from '@hilltop/contracts';

/** A mark of a run on the clock of its readings; `clockMs`: standard uncertainty of its place. */
export interface Moment {
  readonly mark: number;
  readonly at: number;
  readonly clockMs: number;
}

export interface Window {
  readonly from: number;
  readonly to: number;
  readonly clockMs: number;
}

/** Block -> its marks, as they were noted. */
export function momentsOf(batches: readonly Observations[]): Map<number, Moment[]> {
  const moments = new Map<number, Moment[]>();
  for (const batch of batches) {
    if (batch.kind !== 'mark') continue;
    const [mark, at, clock] = ['mark', 'at_ms', 'clock_ms'].map((name) => decodeColumn(batch, name));
    const list = moments.get(batch.block) ?? [];
    for (let i = 0; i < batch.rows; i++) list.push({ mark: mark![i]!, at: at![i]!, clockMs: clock![i]! });
    moments.set(batch.block, list);
  }
  return moments;
}

/** Windows between a start and the end that follows it. */
export function windowsOf(moments: readonly Moment[], what: 'idle' | 'load' | 'loop'): Window[] {
  const windows: Window[] = [];
  let start: Moment | undefined;
  for (const moment of [...moments].sort((a, b) => a.at - b.at)) {
    if (moment.mark === marks[`${what}-start`]) start = moment;
    else if (moment.mark === marks[`${what}-end`] && start) {
      windows.push({ from: start.at, to: moment.at, clockMs: Math.max(start.clockMs, moment.clockMs) });
      start = undefined;
    }
  }
  return windows;
}

/** When meters failed, ascending. */
export function faultsOf(moments: ReadonlyMap<number, readonly Moment[]>): number[] {
  return [...moments.values()]
    .flatMap((list) => list.filter(({ mark }) => mark === marks.fault).map(({ at }) => at))
    .sort((a, b) => a - b);
}

/** Rows of all batches of a kind, the named columns in their order. */
export function rowsOf(
  batches: readonly Observations[],
  kind: Observations['kind'],
  columns: readonly string[],
): number[][] {
  return batches
    .filter((batch) => batch.kind === kind)
    .flatMap((batch) => {
      const values = columns.map((name) => decodeColumn(batch, name));
      return Array.from({ length: batch.rows }, (_, i) => values.map((column) => column[i]!));
    });
}
