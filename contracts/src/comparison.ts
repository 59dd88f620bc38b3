import * as z from 'zod';
import { FrontierPoint } from './frontier.js';
import { MetricId, MetricValue } from './metrics.js';
import { Id, Name } from './names.js';
import { ProtocolName } from './protocol.js';

/**
 * How two values are held against each other. `exact`: nothing of them is chance. `items`: item by item of one set. `paired-runs`: run by
 * run, measured in turns in one job. `processes`: the processes of each by themselves. `intervals`: by their intervals alone, which is
 * all there is. `single`: one value each without any interval, so that nobody can say what is chance.
 */
export const comparisonMethods = ['exact', 'items', 'paired-runs', 'processes', 'intervals', 'single'] as const;
export const ComparisonMethod = z.enum(comparisonMethods);
export type ComparisonMethod = z.infer<typeof ComparisonMethod>;

/** A value with its 95 % interval; without one where nothing is known of it. */
const Change = z.object({ value: z.number(), low: z.number().optional(), high: z.number().optional() });

/** A point against the reference. */
export const MetricChange = z.object({
  /** This one minus the reference, in the metric's own unit. */
  difference: Change,
  /** This one over the reference; only of costs, which are positive. */
  ratio: Change.optional(),
  method: ComparisonMethod,
  /** Items or runs that were paired. */
  pairs: z.number().int().min(1).optional(),
  /** Of so many re-draws, in how many this one is better and in how many worse; the rest are equal. Absent for `single`. */
  redraws: z
    .object({ better: z.number().int().min(0), worse: z.number().int().min(0), of: z.number().int().min(1) })
    .optional(),
  /** False where the interval holds no change: no difference is shown. */
  shown: z.boolean(),
});
export type MetricChange = z.infer<typeof MetricChange>;

export const ComparedMetric = z.object({
  metric: MetricId,
  unit: z.string(),
  direction: z.enum(['min', 'max']),
  reference: MetricValue,
  /** In the order of the points; those that have no value of this metric are absent. */
  others: z.array(z.object({ key: z.string(), value: MetricValue, change: MetricChange })).min(1),
});
export type ComparedMetric = z.infer<typeof ComparedMetric>;

/** Points of one device against the first of them: the same protocol, scenario and sensor scope. */
export const Comparison = z.object({
  model: Id,
  modelName: Name,
  device: z.object({ id: Id, name: Name, type: z.string(), emulated: z.boolean() }),
  protocol: ProtocolName,
  /** The first is the reference. */
  points: z.array(
    FrontierPoint.pick({
      variant: true,
      recipe: true,
      settings: true,
      artifact: true,
      runs: true,
      verdict: true,
      unstable: true,
    }).extend({ key: z.string() }),
  ),
  metrics: z.array(ComparedMetric),
});
export type Comparison = z.infer<typeof Comparison>;

/** So many points are compared at once at most. */
export const comparedMost = 6;

export const ComparisonQuery = z.object({
  /** Device id or name. */
  device: z.string().min(1).max(100),
  /** Absent: that of the model's newest run. */
  protocol: ProtocolName.optional(),
  /** Keys of the points (`pointKey`), each its own parameter; the first is the reference. */
  point: z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z
      .array(z.string().min(1).max(300))
      .min(2)
      .max(comparedMost)
      .refine((keys) => new Set(keys).size === keys.length, 'must be different points'),
  ),
});
export type ComparisonQuery = z.infer<typeof ComparisonQuery>;
