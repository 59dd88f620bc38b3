import * as z from 'zod';
import { FirmwareInput, FirmwareModel } from './firmware-model.js';
import { MetricValues } from './metrics.js';
import { Id, Instant, Name, Sha256 } from './names.js';
import { RecipeName } from './recipe.js';
import { Screening } from './screening.js';

/** An input or output of a model; a dimension is a number, or a name where it is free. */
export const TensorInfo = z.object({
  name: z.string().max(300),
  type: z.string().max(20),
  dims: z.array(z.union([z.number().int().min(0), z.string().max(300)])).max(12),
});
export type TensorInfo = z.infer<typeof TensorInfo>;

/** What quality means for a model. `accuracy` needs labels; without them it is `agreement` with fp32. */
export const qualityMetrics = ['accuracy', 'agreement'] as const;
export const QualityMetric = z.enum(qualityMetrics);
export type QualityMetric = z.infer<typeof QualityMetric>;

export const DataSet = z.object({
  /** SHA-256 of the tensor pack (not of the .npz it came from). */
  sha256: Sha256,
  bytes: z.number().int(),
  items: z.number().int().min(1),
  classes: z.number().int().optional(),
  labelled: z.boolean(),
});
export type DataSet = z.infer<typeof DataSet>;

/** What training cost, stated by whoever trained it: the training metrics by id. */
export const Training = z.strictObject({
  train_device_hours: z.number().positive().max(1e9).optional(),
  train_devices: z.number().int().min(1).max(1e7).optional(),
  train_energy_kwh: z.number().positive().max(1e12).optional(),
  train_samples: z.number().int().min(1).max(1e15).optional(),
});
export type Training = z.infer<typeof Training>;

export const Model = z.object({
  id: Id,
  name: Name,
  sha256: Sha256,
  bytes: z.number().int(),
  opset: z.number().int(),
  inputs: z.array(TensorInfo),
  outputs: z.array(TensorInfo),
  parameters: z.number().int(),
  qualityMetric: QualityMetric.optional(),
  evaluation: DataSet.optional(),
  validation: DataSet.optional(),
  calibration: DataSet.optional(),
  /** Recipes train nothing: every variant that one makes cost as much. */
  training: Training.optional(),
  createdBy: z.string().optional(),
  createdAt: Instant,
});
export type Model = z.infer<typeof Model>;

/** Shapes for free dimensions: `{ image: [1, 3, 224, 224] }`. */
export const Shapes = z.record(z.string().max(300), z.array(z.number().int().min(1).max(1_000_000)).max(12));

export const ModelCreate = z.strictObject({
  name: Name,
  /** SHA-256 of finished uploads: the model itself, then .npz files. */
  model: Sha256,
  evaluation: Sha256.optional(),
  validation: Sha256.optional(),
  calibration: Sha256.optional(),
  metric: QualityMetric.optional(),
  shapes: Shapes.optional(),
  training: Training.optional(),
});
export type ModelCreate = z.infer<typeof ModelCreate>;

export const variantStates = ['queued', 'building', 'ready', 'failed'] as const;
export const VariantState = z.enum(variantStates);
export type VariantState = z.infer<typeof VariantState>;

/**
 * `recipe`: made here. `elsewhere`: distilled, retrained or of another architecture, and pushed as it is. `firmware`: inside the firmware of
 * a device that was built for MLPerf Tiny; nobody has its file.
 */
export const variantOrigins = ['recipe', 'elsewhere', 'firmware'] as const;
export const VariantOrigin = z.enum(variantOrigins);
export type VariantOrigin = z.infer<typeof VariantOrigin>;

/** How far the build of a variant is: `done` of `total` steps are finished, and `fraction` of the one under way, where it tells. */
export const VariantProgress = z.object({
  done: z.number().int().min(0),
  total: z.number().int().min(0),
  /** The step under way: a pass, or `screening`. */
  step: z.string().optional(),
  fraction: z.number().min(0).max(1).optional(),
});
export type VariantProgress = z.infer<typeof VariantProgress>;

/** What a variant is for microcontrollers: its plan, a file like any artifact, and what it takes there. */
export const CompiledPlan = z.object({
  sha256: Sha256,
  /** Size of the plan: what a board stores. */
  bytes: z.number().int(),
  /** RAM for activations and scratch. */
  arenaBytes: z.number().int(),
  /** Multiply-accumulates of one inference, padding not counted. */
  macs: z.number(),
});
export type CompiledPlan = z.infer<typeof CompiledPlan>;

/** The arena of a plan over its steps. Step 0: inputs are written; operator i is step i + 1; outputs are read in the last one. */
export const PlanMemory = z.object({
  arenaBytes: z.number().int(),
  steps: z.number().int(),
  rectangles: z.array(
    z.object({
      kind: z.enum(['tensor', 'scratch']),
      /** Kind of the operator that makes it; `input` for what the host writes. */
      maker: z.string(),
      /** First and last step it is needed in, both included. */
      from: z.number().int(),
      to: z.number().int(),
      offset: z.number().int(),
      bytes: z.number().int(),
    }),
  ),
});
export type PlanMemory = z.infer<typeof PlanMemory>;

/** A plan with what lies in its arena when. */
export const PlanDocument = CompiledPlan.extend({ memory: PlanMemory });
export type PlanDocument = z.infer<typeof PlanDocument>;

/** A recipe applied to a model, or a model made elsewhere to take its place. Its artifact is immutable and named by its SHA-256. */
export const Variant = z.object({
  id: Id,
  modelId: Id,
  /** Name of the recipe; for a variant made elsewhere the name it was pushed with. */
  recipe: RecipeName,
  recipeId: z.string(),
  origin: VariantOrigin,
  /** How it was made, in the words of who pushed it. */
  description: z.string().optional(),
  /** Origin `firmware`: in which one. The artifact is this, and its bytes are not the model's size. */
  firmware: FirmwareModel.optional(),
  state: VariantState,
  /** While it is built. */
  progress: VariantProgress.optional(),
  artifact: z.object({ sha256: Sha256, bytes: z.number().int() }).optional(),
  /** size, parameters, macs: known without a device; and what training cost, as stated. */
  metrics: MetricValues,
  /** Quality on validation data, where the model has any. */
  screening: Screening.optional(),
  /** For microcontrollers; made when one is to run the variant, or when it is asked for. */
  plan: CompiledPlan.optional(),
  /** Why there can be no plan of it; `node`: at which node of the model. */
  planError: z.object({ code: z.string(), message: z.string(), node: z.string().optional() }).optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  /** What each pass did. */
  steps: z.array(z.object({ pass: z.string(), ms: z.number(), notes: z.array(z.string()) })),
  createdAt: Instant,
});
export type Variant = z.infer<typeof Variant>;

export const VariantCreate = z.strictObject({
  model: z.string().min(1).max(100),
  recipes: z.array(RecipeName).min(1).max(100),
});
export type VariantCreate = z.infer<typeof VariantCreate>;

/** A variant made elsewhere: an uploaded model with the inputs and outputs of `model`. */
export const VariantPush = z.strictObject({
  model: z.string().min(1).max(100),
  name: RecipeName,
  description: z.string().max(500).optional(),
  artifact: Sha256,
  training: Training.optional(),
});
export type VariantPush = z.infer<typeof VariantPush>;

/** A variant inside the firmware of a device: id or name of one that was built for MLPerf Tiny, and what its input wants. */
export const VariantInFirmware = z.strictObject({
  model: z.string().min(1).max(100),
  device: z.string().min(1).max(100),
  /** By default what the firmware calls its model. */
  name: RecipeName.optional(),
  description: z.string().max(500).optional(),
  /** By default the integers of the evaluation set, as they are. */
  input: FirmwareInput.optional(),
  training: Training.optional(),
});
export type VariantInFirmware = z.infer<typeof VariantInFirmware>;

/** Resumable upload: create, PATCH raw bytes at `Upload-Offset` until `bytes` are there; the hash is checked last. */
export const UploadCreate = z.strictObject({
  sha256: Sha256,
  bytes: z.number().int().min(1),
  name: z.string().max(200).optional(),
});
export type UploadCreate = z.infer<typeof UploadCreate>;
export const Upload = z.object({
  id: Id,
  sha256: Sha256,
  bytes: z.number().int(),
  offset: z.number().int(),
  /** True when the blob is stored and verified; a blob that was already there is complete at once. */
  complete: z.boolean(),
});
export type Upload = z.infer<typeof Upload>;
