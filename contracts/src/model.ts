import * as z from 'zod';
import { MetricValues } from './metrics.js';
import { Id, Instant, Name, Sha256 } from './names.js';
import { RecipeName } from './recipe.js';

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
});
export type ModelCreate = z.infer<typeof ModelCreate>;

export const variantStates = ['queued', 'building', 'ready', 'failed'] as const;
export const VariantState = z.enum(variantStates);
export type VariantState = z.infer<typeof VariantState>;

/** A recipe applied to a model. Its artifact is immutable and named by its SHA-256. */
export const Variant = z.object({
  id: Id,
  modelId: Id,
  recipe: RecipeName,
  recipeId: z.string(),
  state: VariantState,
  artifact: z.object({ sha256: Sha256, bytes: z.number().int() }).optional(),
  /** size, parameters, macs: known without a device. */
  metrics: MetricValues,
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
