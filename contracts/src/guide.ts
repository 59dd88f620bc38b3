import * as z from 'zod';
import { DeviceFrontier, PointStatus } from './frontier.js';
import { MetricId, MetricValues, Objective } from './metrics.js';
import type { VariantOrigin } from './model.js';
import { Id, Instant, Name } from './names.js';
import { ProtocolName, RunSettings } from './protocol.js';
import { type PassName, RecipeName } from './recipe.js';

/** What a variant was made with; `elsewhere`: by somebody, we do not know how. */
export const techniques = [
  'reference',
  'graph',
  'half-precision',
  'quantization',
  'pruning',
  'low-rank',
  'weight-sharing',
  'elsewhere',
] as const;
export const Technique = z.enum(techniques);
export type Technique = z.infer<typeof Technique>;

export const techniqueNames = {
  reference: 'as it was pushed',
  graph: 'graph optimisation',
  'half-precision': 'half precision',
  quantization: 'quantization',
  pruning: 'pruning',
  'low-rank': 'low-rank factorisation',
  'weight-sharing': 'weight sharing',
  elsewhere: 'made elsewhere',
} as const satisfies Record<Technique, string>;

/** Undefined: a pass that only helps others. */
const techniqueOfPass = {
  optimize: 'graph',
  equalize: undefined,
  'prune-channels': 'pruning',
  'prune-magnitude': 'pruning',
  'factorize-low-rank': 'low-rank',
  'cluster-weights': 'weight-sharing',
  'recover-statistics': undefined,
  fp16: 'half-precision',
  'quantize-weights': 'quantization',
  'quantize-dynamic': 'quantization',
  'quantize-static': 'quantization',
  'mixed-precision': 'quantization',
} as const satisfies Record<PassName, Technique | undefined>;

/** Of a recipe's passes, in their order; the graph is optimised before everything else and only named where nothing else is done. */
export function techniquesOf(passes: readonly PassName[], origin: VariantOrigin = 'recipe'): Technique[] {
  if (origin !== 'recipe') return ['elsewhere'];
  const found = [...new Set(passes.flatMap((pass) => techniqueOfPass[pass] ?? []))];
  if (found.length === 0) return ['reference'];
  const rest = found.filter((technique) => technique !== 'graph');
  return rest.length > 0 ? rest : found;
}

/** Against fp32 under the same settings: this / fp32, or this - fp32 for qualities. 95 % interval; absent where nothing is uncertain. */
export const Against = z.object({
  scale: z.enum(['ratio', 'difference']),
  change: z.number(),
  low: z.number().optional(),
  high: z.number().optional(),
  /** One of the two was disturbed while this was measured: the interval knows nothing of that. */
  disturbed: z.literal(true).optional(),
});
export type Against = z.infer<typeof Against>;

/** What one variant came to on one device. */
export const GuideEntry = z.object({
  variant: Id,
  recipe: RecipeName,
  settings: RunSettings,
  techniques: z.array(Technique).min(1),
  runId: Id,
  verdict: z.enum(['clean', 'disturbed', 'invalid']),
  unstable: z.number().int().optional(),
  status: PointStatus,
  probability: z.number().min(0).max(1),
  metrics: MetricValues,
  /** Absent without fp32 under the same settings. */
  against: z.partialRecord(MetricId, Against),
});
export type GuideEntry = z.infer<typeof GuideEntry>;

/** What to take, by what it shall be least of. */
export const GuideAdvice = z.object({
  prefer: MetricId,
  tone: z.enum(['sure', 'open', 'none']),
  /** What to take; absent where nothing is. */
  name: z.string().optional(),
  reason: z.string(),
});
export type GuideAdvice = z.infer<typeof GuideAdvice>;

/** Something this page would say more about had it been measured. */
export const GuideGap = z.object({
  /** `metric`: no source on the device; `recipe`: never run there; `failed`: could not be made or run; `reference`: no fp32 to compare with, or a disturbed one; `excluded`: run, but not usable. */
  kind: z.enum(['metric', 'recipe', 'failed', 'reference', 'excluded']),
  text: z.string(),
});
export type GuideGap = z.infer<typeof GuideGap>;

export const GuideDevice = z.object({
  device: DeviceFrontier.shape.device,
  hypervolume: z.number().optional(),
  energy: DeviceFrontier.shape.energy,
  entries: z.array(GuideEntry),
  advice: z.array(GuideAdvice),
  gaps: z.array(GuideGap),
});
export type GuideDevice = z.infer<typeof GuideDevice>;

/** For one model: what each technique bought on each device, from this lab's own results. */
export const Guide = z.object({
  model: z.object({
    id: Id,
    name: Name,
    bytes: z.number().int(),
    parameters: z.number().int(),
    quality: MetricId.optional(),
  }),
  protocol: ProtocolName,
  objectives: z.array(Objective),
  lab: z.object({ id: z.string(), version: z.string() }),
  createdAt: Instant,
  /** Metrics that are compared, where they were measured. */
  metrics: z.array(MetricId),
  devices: z.array(GuideDevice),
});
export type Guide = z.infer<typeof Guide>;

export const guideFormats = ['html', 'markdown', 'json'] as const;
export const GuideFormat = z.enum(guideFormats);
export type GuideFormat = z.infer<typeof GuideFormat>;
export const GuideQuery = z.object({
  format: GuideFormat.default('json'),
  /** Absent: that of the newest run. */
  protocol: ProtocolName.optional(),
});
export type GuideQuery = z.infer<typeof GuideQuery>;
