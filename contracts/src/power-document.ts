import * as z from 'zod';
import { Sensor } from './sensor.js';

/** A piece of a run between two of its marks. `whole`: no fault of the meter lies in it. Times as in its document. */
export const PowerWindow = z.object({
  what: z.enum(['idle', 'load', 'loop']),
  block: z.number().int().min(0),
  fromMs: z.number(),
  toMs: z.number(),
  whole: z.boolean(),
});
export type PowerWindow = z.infer<typeof PowerWindow>;

/**
 * The power beside a run for a screen: everything that was stored, brought to buckets that keep the extremes. `atMs`: middle of each
 * bucket, ms since the first; powers in W. Buckets further apart than `gapMs` have a hole between them.
 */
export const PowerDocument = z.object({
  /** What was added up: of one scope. Empty where nothing tells power. */
  sensors: z.array(Sensor),
  /** Values that were stored. */
  rows: z.number().int().min(0),
  gapMs: z.number().min(0),
  atMs: z.array(z.number()),
  minW: z.array(z.number()),
  meanW: z.array(z.number()),
  maxW: z.array(z.number()),
  windows: z.array(PowerWindow),
  /** When a meter lost samples, was over its range, or lost its clock. */
  faultsMs: z.array(z.number()),
});
export type PowerDocument = z.infer<typeof PowerDocument>;
