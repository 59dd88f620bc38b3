import * as z from 'zod';
import { Selector } from './device.js';
import { Id, Instant, Name } from './names.js';
import { Protocol, ProtocolName, RunSettings } from './protocol.js';
import { RecipeName } from './recipe.js';
import { Cause, runStates, Waiting } from './run.js';

export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export const JobState = z.enum(jobStates);
export type JobState = z.infer<typeof JobState>;

/** Who comes first where several wait: the higher one. */
export const Priority = z.number().int().min(-10).max(10);
export type Priority = z.infer<typeof Priority>;

/** A request: variants x selector x protocol. */
export const JobCreate = z.strictObject({
  name: Name.optional(),
  /** Model id or name. */
  model: z.string().min(1).max(100),
  recipes: z.array(RecipeName).min(1).max(100),
  selector: Selector.default({ devices: [], labels: {} }),
  protocol: ProtocolName.default('standard'),
  /** Stretches `strict` to LoadGen's official 600 s. */
  official: z.boolean().default(false),
  settings: z
    .array(RunSettings)
    .min(1)
    .max(20)
    .default([{ threads: 1, graphLevel: 'all' }]),
  /** Quality on the first so many items of the evaluation set only; absent: on all. */
  evaluationItems: z.number().int().min(1).max(1_000_000).optional(),
  /** Disturbed runs are repeated at most so often; absent: as the protocol says. */
  repeats: z.number().int().min(0).max(3).optional(),
  /** At most so many devices measure at the same time; absent: all. */
  parallel: z.number().int().min(1).max(10_000).optional(),
  /** The job stops and cancels the rest when so many runs have failed; absent: never. */
  maxFailures: z.number().int().min(1).optional(),
  /** Before others in the queue of a device; absent: 0. */
  priority: Priority.optional(),
  /** Each variant x settings x device is measured so often, in turn and back (A B B A); absent: once. */
  replicates: z.number().int().min(1).max(20).optional(),
});
export type JobCreate = z.input<typeof JobCreate>;

const counts = z.object(
  Object.fromEntries(runStates.map((s) => [s, z.number().int().min(0)])) as Record<
    (typeof runStates)[number],
    z.ZodNumber
  >,
);

export const Job = z.object({
  id: Id,
  name: Name.optional(),
  modelId: Id,
  modelName: Name,
  recipes: z.array(RecipeName),
  selector: Selector,
  protocol: Protocol,
  settings: z.array(RunSettings),
  parallel: z.number().int().optional(),
  maxFailures: z.number().int().optional(),
  priority: Priority,
  replicates: z.number().int().optional(),
  /** The sweep it is a trial of. */
  sweepId: Id.optional(),
  state: JobState,
  /** Why it failed or was cancelled. */
  error: z.object({ code: z.string(), message: z.string(), cause: Cause.optional() }).optional(),
  /** What its first run waits for while none of them runs; live views leave it out. */
  waiting: Waiting.optional(),
  /** Runs by state, all devices. */
  counts,
  /** The fleet: each device with its own progress and cause. */
  devices: z.array(
    z.object({
      deviceId: Id,
      deviceName: Name,
      total: z.number().int(),
      done: z.number().int(),
      failed: z.number().int(),
      /** Last cause of failure on this device. */
      error: z.object({ code: z.string(), message: z.string(), cause: Cause.optional() }).optional(),
    }),
  ),
  createdBy: z.string().optional(),
  createdAt: Instant,
  startedAt: Instant.optional(),
  endedAt: Instant.optional(),
});
export type Job = z.infer<typeof Job>;

export const JobCancel = z.strictObject({ reason: z.string().max(200).optional() });
