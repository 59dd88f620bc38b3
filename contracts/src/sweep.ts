import * as z from 'zod';
import { Selector } from './device.js';
import { MetricId, MetricValues, Objective } from './metrics.js';
import { Id, Instant, Name } from './names.js';
import { GraphLevel, PowerMode, ProtocolName, RunSettings, RuntimeId } from './protocol.js';
import { PassParameter, RecipeName } from './recipe.js';
import { RunError } from './run.js';

export const samplerNames = ['grid', 'random', 'adaptive'] as const;
export const SamplerName = z.enum(samplerNames);
export type SamplerName = z.infer<typeof SamplerName>;

/** A recipe as it is, or one whose parameters are tried in every combination: `{recipe: prune, vary: {'prune-channels.fraction': [0.25, 0.5]}}`. */
export const RecipeChoice = z.union([
  RecipeName,
  z.strictObject({
    recipe: RecipeName,
    /** `<pass>.<parameter>` -> values. */
    vary: z.record(z.string().regex(/^[a-z0-9-]+\.[a-zA-Z0-9_]+$/), z.array(PassParameter).min(1).max(50)),
  }),
]);
export type RecipeChoice = z.infer<typeof RecipeChoice>;

/** Run settings to try in every combination. */
export const SettingsChoice = z.strictObject({
  threads: z.array(z.number().int().min(1).max(256)).min(1).max(10).default([1]),
  graphLevels: z.array(GraphLevel).min(1).max(4).default(['all']),
  /** Items of one inference; a model whose first axis is fixed has no other than its own. */
  batches: z.array(z.number().int().min(1).max(1024)).min(1).max(10).default([1]),
  /** What the device calls its modes, e.g. `performance`; absent: as it is. */
  powerModes: z.array(PowerMode).min(1).max(10).optional(),
  runtimes: z.array(RuntimeId).min(1).max(8).optional(),
});
export type SettingsChoice = z.infer<typeof SettingsChoice>;

/** An objective by its metric; the direction is the metric's own unless told otherwise. */
export const ObjectiveChoice = z.strictObject({ metric: MetricId, direction: z.enum(['min', 'max']).optional() });

/** What a sweep may spend; it ends when the first is reached. Without one it ends when its sampler has nothing left to try. */
export const SweepBudget = z.strictObject({
  runs: z.number().int().min(1).max(100_000).optional(),
  /** Summed over all devices: time in which runs held them. */
  deviceMinutes: z.number().positive().max(100_000).optional(),
  wallMinutes: z.number().positive().max(100_000).optional(),
});
export type SweepBudget = z.infer<typeof SweepBudget>;

/** What a person writes: which points to try on which devices, for what, at what cost, and when to stop. */
export const SweepFile = z.strictObject({
  name: Name,
  /** Ids or names. */
  models: z.array(z.string().min(1).max(100)).min(1).max(20),
  recipes: z.array(RecipeChoice).min(1).max(100),
  settings: SettingsChoice.default({ threads: [1], graphLevels: ['all'], batches: [1] }),
  selector: Selector.default({ devices: [], labels: {} }),
  /** Under which a result counts. The adaptive sampler screens with `quick` first. */
  protocol: ProtocolName.default('standard'),
  evaluationItems: z.number().int().min(1).max(1_000_000).optional(),
  repeats: z.number().int().min(0).max(3).optional(),
  /** Runs of each point under `protocol`: what a gate compares nights by. A quick look at a point stays one run. */
  replicates: z.number().int().min(1).max(20).default(1),
  objectives: z
    .array(ObjectiveChoice)
    .min(2)
    .max(3)
    .default([{ metric: 'latency_p50_ms' }, { metric: 'accuracy' }]),
  /** Such as `accuracy>=90%`: what does not meet them is measured last or not at all. */
  constraints: z.array(z.string().max(100)).max(20).default([]),
  budget: SweepBudget.default({}),
  sampler: z
    .strictObject({ name: SamplerName, seed: z.number().int().min(0).max(0xffff_ffff).default(1) })
    .default({ name: 'adaptive', seed: 1 }),
  /** Ends the search on a device when its last `trials` trials together raised the hypervolume by less than `gain` (share). */
  stop: z
    .strictObject({
      trials: z.number().int().min(1).max(10_000).default(20),
      gain: z.number().min(0).max(1).default(0.005),
    })
    .optional(),
  /** Measured first and last on each device, so that a night can be compared with others: the gate's control. */
  control: RecipeName.default('fp32'),
  /** A canary run on each device before its first trial. */
  healthCheck: z.boolean().default(true),
  /** Order among what waits: nights yield to people. */
  priority: z.number().int().min(-10).max(10).default(-5),
});
export type SweepFile = z.output<typeof SweepFile>;
export type SweepFileInput = z.input<typeof SweepFile>;

/** What the jobs of a sweep take over from its file as it is: how quality is measured, and how often what was disturbed. */
export const measuringOf = ({
  evaluationItems,
  repeats,
}: SweepFile): Pick<SweepFile, 'evaluationItems' | 'repeats'> => ({
  ...(evaluationItems !== undefined && { evaluationItems }),
  ...(repeats !== undefined && { repeats }),
});

/** Runs that a trial under a protocol asks for. */
export const replicatesOf = (file: Pick<SweepFile, 'protocol' | 'replicates'>, protocol: ProtocolName): number =>
  protocol === file.protocol ? file.replicates : 1;

/** Points that cannot be tried, and why: `runtime.missing`, `data.missing`, `plan.unsupported` ... */
export const SweepLeftOut = z.object({ code: z.string(), message: z.string(), points: z.number().int().min(1) });
export type SweepLeftOut = z.infer<typeof SweepLeftOut>;

export const sweepStates = ['preparing', 'running', 'paused', 'succeeded', 'failed', 'cancelled'] as const;
export const SweepState = z.enum(sweepStates);
export type SweepState = z.infer<typeof SweepState>;
export const finalSweepStates = ['succeeded', 'failed', 'cancelled'] as const satisfies readonly SweepState[];
export const hasSweepEnded = (state: SweepState): boolean =>
  (finalSweepStates as readonly SweepState[]).includes(state);

/** Why a trial was chosen: a word programs branch on, and a sentence for people. */
export const trialReasons = [
  'control',
  'grid',
  'random',
  'screening',
  'racing',
  'promotion',
  'remeasure',
  'guided',
] as const;
export const TrialReason = z.enum(trialReasons);
export type TrialReason = z.infer<typeof TrialReason>;

/** `proposed`: chosen, its job not yet made; `running`: its job waits or runs; `skipped`: a changed sweep file or a cancel made it moot. */
export const trialStates = ['proposed', 'running', 'succeeded', 'failed', 'cancelled', 'skipped'] as const;
export const TrialState = z.enum(trialStates);
export type TrialState = z.infer<typeof TrialState>;

/** One proposed point: variant x run settings on one device under one protocol. */
export const Trial = z.object({
  id: Id,
  sweepId: Id,
  /** Order of proposal within the sweep, from 1. */
  number: z.number().int().min(1),
  modelId: Id,
  recipe: RecipeName,
  settings: RunSettings,
  deviceId: Id,
  deviceName: Name,
  protocol: ProtocolName,
  /** A point that is measured again under the same protocol counts up from 1. */
  replicate: z.number().int().min(1),
  state: TrialState,
  reason: TrialReason,
  /** In words, with the figures that decided. */
  why: z.string().max(500),
  jobId: Id.optional(),
  runId: Id.optional(),
  error: RunError.optional(),
  metrics: MetricValues,
  /** Of the device's frontier after this trial; absent until there is one. */
  hypervolume: z.number().optional(),
  /** Time in which its runs held the device. */
  deviceSeconds: z.number().min(0).optional(),
  proposedAt: Instant,
  endedAt: Instant.optional(),
});
export type Trial = z.infer<typeof Trial>;

/** One device's part of a sweep, by model. */
export const SweepPlace = z.object({
  deviceId: Id,
  deviceName: Name,
  modelId: Id,
  modelName: Name,
  /** Points that may be tried there. */
  points: z.number().int().min(0),
  measured: z.number().int().min(0),
  open: z.number().int().min(0),
  failed: z.number().int().min(0),
  hypervolume: z.number().optional(),
  /** What it waits for, or why its search has ended. */
  note: z.string().max(500).optional(),
  ended: z.boolean(),
});
export type SweepPlace = z.infer<typeof SweepPlace>;

/** A search over recipes x run settings x devices. */
export const Sweep = z.object({
  id: Id,
  name: Name,
  /** As submitted, every default resolved. */
  file: SweepFile,
  /** Counts the changes of its file. */
  revision: z.number().int().min(1),
  state: SweepState,
  objectives: z.array(Objective),
  /** Why it ended, failed or waits. */
  note: z.string().max(500).optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  used: z.object({ runs: z.number().int(), deviceMinutes: z.number(), wallMinutes: z.number() }),
  trials: z.object({
    total: z.number().int(),
    open: z.number().int(),
    succeeded: z.number().int(),
    failed: z.number().int(),
    skipped: z.number().int(),
  }),
  places: z.array(SweepPlace),
  leftOut: z.array(SweepLeftOut),
  createdBy: z.string().optional(),
  /** The schedule that started it. */
  scheduleId: Id.optional(),
  createdAt: Instant,
  startedAt: Instant.optional(),
  endedAt: Instant.optional(),
});
export type Sweep = z.infer<typeof Sweep>;

/** The same to `/sweeps/preview` answers with what would be tried, and makes nothing. */
export const SweepCreate = z.strictObject({ file: SweepFile });
export type SweepCreate = z.input<typeof SweepCreate>;

/** What a sweep would try. */
export const SweepPreview = z.object({
  points: z.number().int(),
  places: z.array(z.object({ deviceId: Id, deviceName: Name, modelName: Name, points: z.number().int() })),
  /** From this lab's own runs, where it has some: minutes of device time for everything. */
  estimatedDeviceMinutes: z.number().optional(),
  leftOut: z.array(SweepLeftOut),
  recipes: z.array(RecipeName),
});
export type SweepPreview = z.infer<typeof SweepPreview>;

/** A changed file for a sweep: what still applies goes on, what no longer does is skipped, finished runs stay. */
export const SweepUpdate = z.strictObject({ file: SweepFile });
export const SweepCancel = z.strictObject({ reason: z.string().max(200).optional() });
