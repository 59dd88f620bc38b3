import * as z from 'zod';

/** Every compression pass. `compression/src/passes/index.ts` has one row for each. */
export const passNames = ['optimize', 'quantize-static', 'quantize-weights', 'fp16', 'prune-channels'] as const;
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

/** An ordered list of passes. An empty list is `fp32`: the model as it was pushed. */
export const RecipeFile = z.strictObject({
  name: RecipeName,
  title: z.string().max(80),
  /** What to expect of it, from measurements. */
  description: z.string().max(500),
  steps: z.array(RecipeStep).max(20),
});
export type RecipeFile = z.infer<typeof RecipeFile>;

/** A recipe with every parameter resolved; `id` is the SHA-256 of the resolved form. */
export const Recipe = z.object({
  id: z.string(),
  name: RecipeName,
  title: z.string(),
  description: z.string(),
  steps: z.array(
    z.object({ pass: PassName, version: z.number().int(), parameters: z.record(z.string(), PassParameter) }),
  ),
  /** Whether calibration data is needed. */
  needsCalibration: z.boolean(),
});
export type Recipe = z.infer<typeof Recipe>;
