import * as z from 'zod';
import { MetricValues } from './metrics.js';
import { Id, Instant } from './names.js';
import { SensorScope } from './sensor.js';

/** One piece of what speaks about a run: a measured value and the limits it was held against. */
export const EvidenceItem = z.object({
  /** e.g. `schedstat.wait_ratio`, `psi.cpu_some_ratio`, `steal_ratio`, `latency.spread`, `latency.drift`. */
  signal: z.string().max(60),
  value: z.number(),
  softLimit: z.number().optional(),
  hardLimit: z.number().optional(),
  level: z.enum(['ok', 'soft', 'hard']),
  block: z.number().int().min(0).optional(),
});
export type EvidenceItem = z.infer<typeof EvidenceItem>;

/** `clean` only with evidence (of a microcontroller: how its ticks spread); `disturbed` when any signal is soft or evidence is missing; `invalid` when hard. */
export const Verdict = z.object({
  verdict: z.enum(['clean', 'disturbed', 'invalid']),
  reasons: z.array(z.string().max(200)),
  evidence: z.array(EvidenceItem),
});
export type Verdict = z.infer<typeof Verdict>;

/**
 * Whether each item was right, for one quality metric: bit-packed, base64, the first item in the lowest bit of the first byte.
 * The items are all of the set, in its order; or, with `of`, the first `n` of `evaluationOrder(of)`, in that order.
 */
export const ItemBits = z.object({
  n: z.number().int().min(1),
  bits: z.string(),
  of: z.number().int().min(1).optional(),
});
export type ItemBits = z.infer<typeof ItemBits>;

/**
 * What replicates are drawn from: per process (block) the statistics, and per item whether it was right.
 * Kept with the summary so that a frontier never reads raw observations.
 */
export const SummaryBasis = z.object({
  /** One entry a process; `values`: metric id -> that process's value. */
  blocks: z.array(z.object({ inferences: z.number().int(), values: z.record(z.string(), z.number()) })),
  /** Quality metric id -> its items. */
  items: z.record(z.string(), ItemBits),
  /** What another run would differ by, as a standard deviation of the logarithm; absent: as on hosts. 0: nothing but counting. */
  betweenRuns: z.number().min(0).optional(),
});
export type SummaryBasis = z.infer<typeof SummaryBasis>;

/** Where a run's energy comes from, and what its uncertainty is made of: standard uncertainties, relative. */
export const EnergyBudget = z.object({
  scope: SensorScope,
  /** Ids of the sensors that were added up. */
  sensors: z.array(z.string()),
  simulated: z.boolean().optional(),
  /** Blocks with a whole window, and those left out because a fault of the meter or a gap lies in theirs. */
  blocks: z.number().int(),
  leftOut: z.number().int(),
  /** Mean length of the windows. */
  windowMs: z.number(),
  idleW: z.number().optional(),
  gain: z.number(),
  offset: z.number(),
  edge: z.number(),
  block: z.number(),
});
export type EnergyBudget = z.infer<typeof EnergyBudget>;

/** Metrics of a run with their intervals: a pure function of its observations. */
export const Summary = z.object({
  runId: Id,
  /** Metrics of different keys never share a frontier: protocol | scenario | device type | sensor scope. */
  key: z.string().max(500),
  metrics: MetricValues,
  verdict: Verdict,
  basis: SummaryBasis,
  energy: EnergyBudget.optional(),
  /** Version of the summarising code. */
  version: z.number().int(),
  createdAt: Instant,
});
export type Summary = z.infer<typeof Summary>;
