import * as z from 'zod';

/** What the agent measured of its own phases, over all blocks, ms. Absent: not told. */
export interface PhaseTimes {
  readonly loadingMs?: number;
  readonly warmingUpMs?: number;
  readonly measuringMs?: number;
}

const numbers = z.array(z.number().nullable());
/** One row a block that is over. */
export const ProcessColumns = z.object({
  rows: z.number().int(),
  columns: z.object({ load_ms: numbers, measured_ms: numbers }),
});
/** One row an inference. */
export const WarmUpColumns = z.object({ rows: z.number().int(), columns: z.object({ latency_ms: numbers }) });

/** Sums over the blocks. A block without the number leaves the sum unknown: part of it would look like all. */
export function phaseTimes(
  process: z.infer<typeof ProcessColumns> | undefined,
  warmUp: z.infer<typeof WarmUpColumns> | undefined,
): PhaseTimes {
  const loadingMs = sum(process?.columns.load_ms);
  const measuringMs = sum(process?.columns.measured_ms);
  const warmingUpMs = sum(warmUp?.columns.latency_ms);
  return {
    ...(loadingMs !== undefined && { loadingMs }),
    ...(warmingUpMs !== undefined && { warmingUpMs }),
    ...(measuringMs !== undefined && { measuringMs }),
  };
}

function sum(values: readonly (number | null)[] | undefined): number | undefined {
  if (!values || values.length === 0) return undefined;
  let total = 0;
  for (const value of values) {
    if (value === null) return undefined;
    total += value;
  }
  return total;
}
