import {
  encodeColumns,
  type Mark,
  marks,
  type ObservationKind,
  type Observations,
  observationColumns,
} from '@hilltop/contracts';

/** One batch of a run; columns that are not given are NaN. */
export function batch(
  kind: ObservationKind,
  block: number,
  values: Record<string, ArrayLike<number>>,
  seq = 0,
): Observations {
  const { length } = Object.values(values)[0]!;
  const none = new Float64Array(length).fill(Number.NaN);
  const full = Object.fromEntries(Object.keys(observationColumns[kind]).map((name) => [name, values[name] ?? none]));
  return { runId: 'run_12345678', fence: 1, seq, kind, block, ...encodeColumns(kind, full) };
}

/** Moments of a block, ms. */
export const marked = (block: number, moments: ReadonlyArray<readonly [Mark, number]>, clockMs = 0): Observations =>
  batch('mark', block, {
    mark: moments.map(([name]) => marks[name]),
    at_ms: moments.map(([, at]) => at),
    clock_ms: moments.map(() => clockMs),
  });
