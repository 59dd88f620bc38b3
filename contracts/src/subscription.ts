import * as z from 'zod';
import { GateVerdict } from './gate.js';
import { MetricId } from './metrics.js';
import { Id, Instant, Name } from './names.js';

/**
 * What is worth telling. `regression`, `improvement`, `inconclusive`, `recovered`: a gate says otherwise than the one before it. `test` goes to one
 * subscription when somebody asks for it.
 */
export const newsKinds = [
  'regression',
  'improvement',
  'inconclusive',
  'recovered',
  'sweep-failed',
  'schedule-missed',
  'device-quarantined',
  'device-returned',
  'test',
] as const;
export const NewsKind = z.enum(newsKinds);
export type NewsKind = z.infer<typeof NewsKind>;

/** A row of a gate in a few words; `change` as in `GateRow`. */
export const NewsRow = z.object({
  modelName: z.string(),
  recipe: z.string(),
  deviceName: z.string(),
  metric: MetricId,
  scale: z.enum(['ratio', 'difference']),
  change: z.number(),
  low: z.number(),
  high: z.number(),
});
export type NewsRow = z.infer<typeof NewsRow>;

/** The body of a webhook and the content of a file: `{type, timestamp, data}` as Standard Webhooks advises. */
export const News = z.object({
  type: NewsKind,
  timestamp: Instant,
  data: z.object({
    labId: z.string(),
    /** One sentence for people. */
    text: z.string().max(1000),
    gateId: Id.optional(),
    verdict: GateVerdict.optional(),
    baselineName: z.string().optional(),
    /** The rows that are worse or improved, at most 20 of `rowCount`. */
    rows: z.array(NewsRow).optional(),
    rowCount: z.number().int().optional(),
    sweepId: Id.optional(),
    sweepName: z.string().optional(),
    scheduleId: Id.optional(),
    scheduleName: z.string().optional(),
    deviceId: Id.optional(),
    deviceName: z.string().optional(),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  }),
});
export type News = z.infer<typeof News>;

/** `whsec_` and 24 to 64 bytes in base64, as Standard Webhooks writes it. */
export const WebhookSecret = z
  .string()
  .trim()
  .regex(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/, 'must be whsec_ and 24 to 64 bytes in base64');

/** Where news goes. */
export const Destination = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), url: z.url({ protocol: /^https?$/ }).max(2000) }),
  /** Below the folder that the coordinator was given for this. */
  z.strictObject({ kind: z.literal('folder'), folder: z.string().min(1).max(500) }),
]);
export type Destination = z.infer<typeof Destination>;

/** Who is told of what; never the secret. */
export const Subscription = z.object({
  id: Id,
  name: Name,
  to: Destination,
  on: z.array(NewsKind),
  /** Why nothing is sent any more. */
  disabled: z.object({ at: Instant, reason: z.string() }).optional(),
  /** Attempts that failed since the last one that did not. */
  failures: z.number().int().min(0),
  lastError: z.string().optional(),
  waiting: z.number().int().min(0),
  deliveredAt: Instant.optional(),
  createdBy: z.string(),
  createdAt: Instant,
});
export type Subscription = z.infer<typeof Subscription>;

export const SubscriptionCreate = z.strictObject({
  name: Name,
  to: Destination,
  /** Of a webhook. */
  secret: WebhookSecret.optional(),
  /** Absent: everything. */
  on: z
    .array(NewsKind.exclude(['test']))
    .min(1)
    .max(newsKinds.length)
    .optional(),
});
export type SubscriptionCreate = z.input<typeof SubscriptionCreate>;

/** What became of a test. */
export const SubscriptionTest = z.object({
  delivered: z.boolean(),
  error: z.string().optional(),
  subscription: Subscription,
});
export type SubscriptionTest = z.infer<typeof SubscriptionTest>;
