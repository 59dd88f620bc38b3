import * as z from 'zod';
import { Id } from './names.js';
import { RecipeName } from './recipe.js';
import { RunPhase } from './run.js';

/** Most often a screen is told of pulses; the first after a rest goes out at once. */
export const pulseMs = 200;
/** Pulses of a device that the lab remembers, for a screen that opens: a minute at two a second. */
export const pulseMemory = { samples: 120, everyMs: 500 } as const;

/** What a device does just now, for the cards of the lab's page: the newest, whole. Lossy, never stored. Absent: not measured. */
export const Pulse = z.object({
  deviceId: Id,
  /** The lab's clock. */
  atMs: z.number(),
  run: z
    .object({
      id: Id,
      jobId: Id,
      modelId: Id,
      recipe: RecipeName,
      phase: RunPhase,
      fraction: z.number().min(0).max(1),
      block: z.number().int().optional(),
      blocks: z.number().int().optional(),
    })
    .optional(),
  /** Median of the newest 100 ms of inferences. */
  latencyMs: z.number().optional(),
  /** Mean of the newest 100 ms. */
  powerW: z.number().optional(),
  temperatureC: z.number().optional(),
  loadAverage: z.number().optional(),
});
export type Pulse = z.infer<typeof Pulse>;

/** Devices whose pulse is new; `sentAtMs`: when the lab sent it, by its clock. */
export const Pulses = z.object({ sentAtMs: z.number(), pulses: z.array(Pulse).max(10_000) });
export type Pulses = z.infer<typeof Pulses>;

/** The last minute of each device, oldest first. */
export const PulseHistory = z.object({ items: z.array(Pulse) });
export type PulseHistory = z.infer<typeof PulseHistory>;
