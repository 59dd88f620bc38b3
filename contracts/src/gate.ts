import * as z from 'zod';
import { MetricId } from './metrics.js';
import { Id, Instant, Name, PageQuery } from './names.js';
import { ProtocolName, RunSettings } from './protocol.js';
import { RecipeName } from './recipe.js';

/** A sweep pinned by name, such as a release or the last good night: what later ones are held against. */
export const Baseline = z.object({
  id: Id,
  name: Name,
  sweepId: Id,
  sweepName: Name,
  createdBy: z.string().optional(),
  createdAt: Instant,
});
export type Baseline = z.infer<typeof Baseline>;

export const BaselinePin = z.strictObject({
  name: Name,
  /** Id of an ended sweep, or a name: the newest ended sweep that has it. */
  sweep: z.string().min(1).max(100),
  /** Moves a name that is taken. */
  replace: z.boolean().default(false),
});
export type BaselinePin = z.input<typeof BaselinePin>;

/** `same` and `worse` are claims that the interval bears out; `inconclusive` is neither. */
export const gateVerdicts = ['improved', 'same', 'worse', 'inconclusive'] as const;
export const GateVerdict = z.enum(gateVerdicts);
export type GateVerdict = z.infer<typeof GateVerdict>;

/** Where p comes from; `exact`: nothing is uncertain and there is none. */
export const gateTests = ['mann-whitney', 'student', 'mcnemar', 'normal', 'exact'] as const;
export const GateTest = z.enum(gateTests);
export type GateTest = z.infer<typeof GateTest>;

/** Why a row is inconclusive: a word programs branch on. */
export const gateDoubts = ['noise', 'no-control', 'environment', 'discoveries'] as const;
export const GateDoubt = z.enum(gateDoubts);
export type GateDoubt = z.infer<typeof GateDoubt>;

/** `taken`: somebody looks after it; `noise`: it is measured again under `strict`. Both leave the row open: only `accepted` takes it out of the verdict. */
export const gateDecisions = ['accepted', 'reopened', 'taken', 'noise'] as const;

/** What a person said of a row. */
export const GateDecision = z.object({
  state: z.enum(gateDecisions),
  /** Counts the decisions of the row from 1: who decides next names the one they saw. */
  n: z.number().int().min(1),
  comment: z.string().max(1000).optional(),
  /** That measures it again. */
  jobId: Id.optional(),
  by: z.string(),
  at: Instant,
});
export type GateDecision = z.infer<typeof GateDecision>;

/** One metric of one point, this sweep against the baseline. */
export const GateRow = z.object({
  /** From 1, in the gate. */
  row: z.number().int().min(1),
  modelId: Id,
  modelName: Name,
  recipe: RecipeName,
  settings: RunSettings,
  deviceId: Id,
  deviceName: Name,
  protocol: ProtocolName,
  metric: MetricId,
  unit: z.string(),
  /** As measured: the middle of the processes, this sweep's and the baseline's. */
  value: z.number(),
  baseline: z.number(),
  /** `ratio`: now / before, relative to the control where there is one. `difference`: now - before, for qualities (0.01 = one point). */
  scale: z.enum(['ratio', 'difference']),
  change: z.number(),
  /** 95 % interval of `change`; one point where nothing is uncertain. */
  low: z.number(),
  high: z.number(),
  /** What the control did meanwhile, now / before; absent where none is needed or none was measured. */
  control: z.object({ ratio: z.number(), low: z.number(), high: z.number() }).optional(),
  test: GateTest,
  p: z.number().min(0).max(1).optional(),
  /** p after Benjamini and Hochberg over the rows of the gate. */
  q: z.number().min(0).max(1).optional(),
  /** Clean runs and their processes (or items, for qualities): this sweep's and the baseline's. */
  runs: z.object({ now: z.number().int(), before: z.number().int() }),
  n: z.object({ now: z.number().int(), before: z.number().int() }),
  runIds: z.object({ now: z.array(Id), before: z.array(Id) }),
  verdict: GateVerdict,
  doubt: GateDoubt.optional(),
  /** In words: what the verdict rests on, and for `inconclusive` what would settle it. */
  note: z.string().max(500).optional(),
  /** Smallest threshold at which these measurements would say something. */
  resolves: z.number().min(0).optional(),
  decision: GateDecision.optional(),
});
export type GateRow = z.infer<typeof GateRow>;

/** A control that changed by itself: the environment did, and nothing is called worse for it. */
export const GateEnvironment = z.object({
  modelName: Name,
  deviceId: Id,
  deviceName: Name,
  metric: MetricId,
  recipe: RecipeName,
  /** now / before. */
  ratio: z.number(),
  low: z.number(),
  high: z.number(),
  /** Beyond what dividing by it can be trusted to take out: nothing on the device is called worse or improved. */
  severe: z.boolean(),
});
export type GateEnvironment = z.infer<typeof GateEnvironment>;

/** In the baseline and not here, or here and not in the baseline. */
export const GateMissing = z.object({
  modelId: Id,
  modelName: Name,
  recipe: RecipeName,
  settings: RunSettings,
  deviceId: Id,
  deviceName: Name,
  metric: MetricId.optional(),
  in: z.enum(['baseline', 'sweep']),
  /** `not-measured`, `not-clean`, or `not-comparable`: another device type, protocol or sensor scope. */
  reason: z.enum(['not-measured', 'not-clean', 'not-comparable']),
});
export type GateMissing = z.infer<typeof GateMissing>;

/** A sweep held against a baseline: without its rows, as lists show it. */
export const GateSummary = z.object({
  id: Id,
  sweepId: Id,
  sweepName: Name,
  baselineId: Id,
  baselineName: Name,
  baselineSweepId: Id,
  /** Share: 0.01 = 1 %. For qualities, points. */
  maxRegression: z.number(),
  metrics: z.array(MetricId),
  /** Over the rows that nobody accepted: `worse` if one is, else `inconclusive` if one is or a point of the baseline is missing. */
  verdict: GateVerdict,
  counts: z.object({
    improved: z.number().int(),
    same: z.number().int(),
    worse: z.number().int(),
    inconclusive: z.number().int(),
    accepted: z.number().int(),
    missing: z.number().int(),
  }),
  environment: z.array(GateEnvironment),
  createdBy: z.string().optional(),
  createdAt: Instant,
});
export type GateSummary = z.infer<typeof GateSummary>;

/** The pass/fail rule against a baseline, applied. */
export const Gate = GateSummary.extend({ rows: z.array(GateRow), missing: z.array(GateMissing) });
export type Gate = z.infer<typeof Gate>;

export const GateWish = z.strictObject({
  /** Id of an ended sweep, or a name: the newest ended sweep that has it. */
  sweep: z.string().min(1).max(100),
  /** Id or name. */
  baseline: z.string().min(1).max(100),
  maxRegression: z.number().min(0).max(1).default(0.01),
  /** Absent: the objectives of the sweep. */
  metrics: z.array(MetricId).min(1).max(20).optional(),
});
export type GateWish = z.input<typeof GateWish>;

export const GateQuery = PageQuery.extend({ sweep: z.string().max(100).optional() });
export type GateQuery = z.infer<typeof GateQuery>;

const comment = z.string().trim().min(1).max(1000).optional();
/** `n` of the decision that was seen, 0 for none: refused when another came meanwhile. Absent: whatever stands there. */
const seen = z.number().int().min(0).optional();

/** The first accepts; who wants it otherwise reopens with a comment. */
export const GateDecisionWish = z.strictObject({
  state: z.enum(['accepted', 'reopened', 'taken']),
  comment,
  seen,
});
export type GateDecisionWish = z.input<typeof GateDecisionWish>;

/** The row is noise, says somebody: the variant and its control are measured again under `strict`. */
export const GateRemeasure = z.strictObject({ comment, seen });
export type GateRemeasure = z.input<typeof GateRemeasure>;

/** One night of a series. */
export const TrendNight = z.object({
  sweepId: Id,
  at: Instant,
  /** As measured. */
  value: z.number(),
  /** Relative to the control of the same night; absent where none is needed. */
  relative: z.number().optional(),
});
export type TrendNight = z.infer<typeof TrendNight>;

/** From this night on it is otherwise. */
export const TrendChange = z.object({
  sweepId: Id,
  at: Instant,
  /** Index of the night in the series. */
  night: z.number().int().min(1),
  /** After / before; of qualities after - before. */
  change: z.number(),
  p: z.number().min(0).max(1),
  verdict: z.enum(['improved', 'worse']),
});
export type TrendChange = z.infer<typeof TrendChange>;

export const Trend = z.object({
  modelId: Id,
  modelName: Name,
  recipe: RecipeName,
  settings: RunSettings,
  deviceId: Id,
  deviceName: Name,
  protocol: ProtocolName,
  metric: MetricId,
  unit: z.string(),
  scale: z.enum(['ratio', 'difference']),
  /** Oldest first. */
  nights: z.array(TrendNight),
  changes: z.array(TrendChange),
});
export type Trend = z.infer<typeof Trend>;

export const TrendQuery = z.object({
  /** Name of the sweeps. */
  sweep: z.string().min(1).max(100).optional(),
  /** Id of the schedule that started them. */
  schedule: z.string().min(1).max(100).optional(),
  /** Comma separated; absent: the objectives of the newest. */
  metrics: z.string().max(500).optional(),
  /** The newest so many nights. */
  nights: z.coerce.number().int().min(2).max(400).default(90),
});
export type TrendQuery = z.infer<typeof TrendQuery>;
export const Trends = z.object({ items: z.array(Trend) });
export type Trends = z.infer<typeof Trends>;
