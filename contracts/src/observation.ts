import * as z from 'zod';
import { Id } from './names.js';

/** What a batch of observations holds; each kind has fixed columns (`observationColumns`). */
export const observationKinds = [
  'latency',
  'warm-up',
  'process',
  'memory',
  'item',
  'evidence',
  'ticks',
  'board',
  'layer',
  'evaluation',
  'console',
  'loop',
  'mark',
  'reading',
  'power',
  'profile',
] as const;
export const ObservationKind = z.enum(observationKinds);
export type ObservationKind = z.infer<typeof ObservationKind>;

export const columnTypes = ['f64', 'u32', 'i32', 'u8'] as const;
export type ColumnType = (typeof columnTypes)[number];
export const columnBytes = { f64: 8, u32: 4, i32: 4, u8: 1 } as const satisfies Record<ColumnType, number>;

/**
 * Columns of each kind; units in the names. `latency`, `warm-up`: one row an inference, in order.
 * `process`: one row a block. `memory`: one row a block, NaN = not known: of the process's own control group (page cache of its files included),
 * before the model and at most; what of the process lies in swap; by how much the whole system's available memory fell at most, where a GPU takes
 * its memory from there. `item`: one row an evaluated item (`predicted` -1: no class).
 * `evidence`: one row a block, raw differences of the kernel's counters over the measuring loop; NaN = not there.
 *
 * Of microcontrollers: `ticks`: one row an inference, in order, of the block that `latency` has them in ms for (no latency
 * where ticks count instructions). `board`: one row a block; NaN = not known. `layer`: one row an operator of the plan, once.
 * `evaluation`: one row before the items: of how many, and how many are evaluated; a subset is the beginning of
 * `evaluationOrder`. `console`: what the board printed, UTF-8, one row a byte, the newest 64 KiB. `loop`: of a board that times a loop as
 * a whole, one row a block: its inferences and the time of all; `latency` has one row then, their quotient.
 *
 * Of sensors: `sensor` is the index into the run's `environment.sensors`; all times are ms of one monotonic clock. `mark`: moments
 * of the run (`marks`); `clock_ms`: standard uncertainty of their place among the readings. `reading`: a value in the sensor's unit, with the times
 * before and after it was read. `power`: means of intervals in W with the extremes inside, from meters too fast to keep whole.
 * `profile`: JSON of `LayerProfile[]`, UTF-8, one row a byte, once, in as many batches as it takes.
 */
export const observationColumns = {
  latency: { latency_ms: 'f64' },
  'warm-up': { latency_ms: 'f64' },
  process: {
    load_ms: 'f64',
    first_inference_ms: 'f64',
    measured_ms: 'f64',
    rss_baseline_bytes: 'f64',
    peak_load_bytes: 'f64',
    peak_bytes: 'f64',
  },
  memory: { group_baseline_bytes: 'f64', group_peak_bytes: 'f64', swapped_bytes: 'f64', system_bytes: 'f64' },
  item: { item: 'u32', predicted: 'i32', correct: 'u8' },
  evidence: {
    wall_ms: 'f64',
    run_ns: 'f64',
    wait_ns: 'f64',
    psi_cpu_some_us: 'f64',
    steal_ticks: 'f64',
    total_ticks: 'f64',
    involuntary_switches: 'f64',
    major_faults: 'f64',
    swap_in_pages: 'f64',
    throttle_count: 'f64',
    temperature_start_c: 'f64',
    temperature_end_c: 'f64',
    frequency_khz: 'f64',
  },
  ticks: { ticks: 'f64' },
  board: { hz: 'f64', arena_bytes: 'f64', plan_bytes: 'f64', stack_bytes: 'f64', ram_bytes: 'f64' },
  layer: { layer: 'u32', op: 'u32', ticks: 'f64', macs: 'f64' },
  evaluation: { items_total: 'u32', items_planned: 'u32' },
  console: { byte: 'u8' },
  loop: { inferences: 'u32', loop_us: 'f64' },
  mark: { mark: 'u32', at_ms: 'f64', clock_ms: 'f64' },
  reading: { sensor: 'u32', before_ms: 'f64', after_ms: 'f64', value: 'f64' },
  power: { sensor: 'u32', start_ms: 'f64', end_ms: 'f64', mean_w: 'f64', min_w: 'f64', max_w: 'f64' },
  profile: { byte: 'u8' },
} as const satisfies Record<ObservationKind, Record<string, ColumnType>>;

const bytes = z.custom<Uint8Array>((v) => v instanceof Uint8Array, 'must be bytes');

/**
 * A batch: append-only columns, little-endian. `seq` counts batches of a run's attempt from 0;
 * a gap is an error, never a guess.
 */
export const Observations = z
  .strictObject({
    runId: Id,
    fence: z.number().int().min(1),
    seq: z.number().int().min(0).max(1_000_000),
    kind: ObservationKind,
    block: z.number().int().min(0).max(1000),
    /** Rows in every column. */
    rows: z.number().int().min(1).max(65_536),
    columns: z.record(z.string().max(40), bytes),
  })
  .superRefine((batch, context) => {
    const want: Record<string, ColumnType> = observationColumns[batch.kind];
    for (const name of new Set([...Object.keys(want), ...Object.keys(batch.columns)])) {
      const type = want[name];
      const data = batch.columns[name];
      if (!type || !data || data.byteLength !== batch.rows * columnBytes[type]) {
        context.addIssue({
          code: 'custom',
          path: ['columns', name],
          message: `must be ${batch.rows} rows of ${type ?? 'nothing: unknown column'}`,
        });
      }
    }
  });
export type Observations = z.infer<typeof Observations>;

/** Rows of a batch -> columns of bytes. Every array must have the same length. */
export function encodeColumns(
  kind: ObservationKind,
  values: Record<string, ArrayLike<number>>,
): { rows: number; columns: Record<string, Uint8Array> } {
  const want: Record<string, ColumnType> = observationColumns[kind];
  const rows = Object.values(values)[0]?.length ?? 0;
  const columns: Record<string, Uint8Array> = {};
  for (const [name, type] of Object.entries(want)) {
    const from = values[name];
    if (!from || from.length !== rows) throw new Error(`column ${name} of ${kind} needs ${rows} rows`);
    const out = new Uint8Array(rows * columnBytes[type]);
    const view = new DataView(out.buffer);
    for (let i = 0; i < rows; i++) writers[type](view, i, from[i]!);
    columns[name] = out;
  }
  return { rows, columns };
}

/** One column as numbers. */
export function decodeColumn(batch: Pick<Observations, 'kind' | 'rows' | 'columns'>, name: string): Float64Array {
  const type = (observationColumns[batch.kind] as Record<string, ColumnType>)[name];
  const data = batch.columns[name];
  if (!type || !data) throw new Error(`no column ${name} in ${batch.kind}`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Float64Array.from({ length: batch.rows }, (_, i) => readers[type](view, i));
}

const writers: Record<ColumnType, (view: DataView, i: number, v: number) => void> = {
  f64: (view, i, v) => view.setFloat64(i * 8, v, true),
  u32: (view, i, v) => view.setUint32(i * 4, v, true),
  i32: (view, i, v) => view.setInt32(i * 4, v, true),
  u8: (view, i, v) => view.setUint8(i, v),
};
const readers: Record<ColumnType, (view: DataView, i: number) => number> = {
  f64: (view, i) => view.getFloat64(i * 8, true),
  u32: (view, i) => view.getUint32(i * 4, true),
  i32: (view, i) => view.getInt32(i * 4, true),
  u8: (view, i) => view.getUint8(i),
};
