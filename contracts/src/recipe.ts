import * as z from 'zod';

/** Every compression pass. `compression/src/passes/index.ts` has one row for each. */
export const passNames = [
  'optimize',
  'equalize',
  'prune-channels',
  'prune-magnitude',
  'factorize-low-rank',
  'cluster-weights',
  'recover-statistics',
  'fp16',
  'quantize-weights',
  'quantize-dynamic',
  'quantize-static',
  'mixed-precision',
] as const;
export const PassName = z.enum(passNames);
export type PassName = z.infer<typeof PassName>;

/** A parameter's value: JSON scalars and lists of names. */
export const PassParameter = z.union([
  z.string().max(200),
  z.number(),
  z.boolean(),
  z.array(z.string().max(200)).max(1000),
]);
export type PassParameter = z.infer<typeof PassParameter>;

/** One step of a recipe; parameters not given take the pass's defaults. */
export const RecipeStep = z.strictObject({
  pass: PassName,
  parameters: z.record(z.string(), PassParameter).default({}),
});
export type RecipeStep = z.infer<typeof RecipeStep>;

export const RecipeName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9+._-]{0,62}$/, 'must be lower-case letters, digits and +._-');
export type RecipeName = z.infer<typeof RecipeName>;

/** How much quality a recipe may cost: hardly measurable, a point or so, more than that. */
export const recipeRisks = ['safe', 'moderate', 'aggressive'] as const;
export const RecipeRisk = z.enum(recipeRisks);
export type RecipeRisk = z.infer<typeof RecipeRisk>;

/** What a variant must at least keep of its model; below it something broke. Declared, not measured. */
export const RecipeFloor = z.strictObject({
  /** Share of items on which variant and model name the same class. */
  agreement: z.number().min(0).max(1).optional(),
  /** Signal to quantization noise of the first output against the model's, in dB. */
  sqnr_db: z.number().min(-20).max(200).optional(),
});
export type RecipeFloor = z.infer<typeof RecipeFloor>;

/** An ordered list of passes. An empty list is `fp32`: the model as it was pushed. */
export const RecipeFile = z.strictObject({
  name: RecipeName,
  title: z.string().max(80),
  /** What to expect of it, from measurements. */
  description: z.string().max(500),
  risk: RecipeRisk.optional(),
  floor: RecipeFloor.optional(),
  steps: z.array(RecipeStep).max(20),
});
export type RecipeFile = z.infer<typeof RecipeFile>;

/** A recipe with every parameter resolved; `id` is the SHA-256 of the resolved form. */
export const Recipe = z.object({
  id: z.string(),
  name: RecipeName,
  title: z.string(),
  description: z.string(),
  risk: RecipeRisk.optional(),
  floor: RecipeFloor.optional(),
  steps: z.array(
    z.object({ pass: PassName, version: z.number().int(), parameters: z.record(z.string(), PassParameter) }),
  ),
  /** Whether calibration data is needed. */
  needsCalibration: z.boolean(),
  /** Whether validation data is needed: a pass chooses by quality. Never the evaluation set. */
  needsValidation: z.boolean(),
});
export type Recipe = z.infer<typeof Recipe>;
