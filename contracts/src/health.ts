import * as z from 'zod';
import { DeviceState, Quarantine } from './device.js';
import { Id, Instant, Name } from './names.js';
import { RunError } from './run.js';

/** `unsupported`: the device cannot run the canary, so nothing can be said of it. */
export const healthStates = ['waiting', 'succeeded', 'failed', 'cancelled', 'unsupported'] as const;
export const HealthState = z.enum(healthStates);
export type HealthState = z.infer<typeof HealthState>;

/** One health check: the canary, a net that is always the same, run under the quick protocol. */
export const HealthCheck = z.object({
  id: Id,
  deviceId: Id,
  jobId: Id,
  /** Its run; absent while there is none. */
  runId: Id.optional(),
  state: HealthState,
  /** p50; absent where the device has no latency. */
  latencyMs: z.number().optional(),
  /** Middle of its own clean checks before; absent while there are too few. */
  medianMs: z.number().optional(),
  /** It succeeded and was not much slower than the device used to be. Absent: nothing was found out. */
  healthy: z.boolean().optional(),
  verdict: z.enum(['clean', 'disturbed', 'invalid']).optional(),
  error: RunError.optional(),
  /** The person; absent: the lab. */
  askedBy: z.string().optional(),
  createdAt: Instant,
  endedAt: Instant.optional(),
});
export type HealthCheck = z.infer<typeof HealthCheck>;

/** A device came (`available`), went, or left the rotation. */
export const DeviceChange = z.object({
  at: Instant,
  state: DeviceState,
  reason: z.string().optional(),
  /** The person who said so. */
  by: z.string().optional(),
});
export type DeviceChange = z.infer<typeof DeviceChange>;

/** What is known of a device's health; newest checks first. */
export const DeviceHealth = z.object({
  deviceId: Id,
  deviceName: Name,
  quarantine: Quarantine.optional(),
  /** Middle of its clean checks; absent while there are too few. */
  medianMs: z.number().optional(),
  /** Different runs that failed one after the other by the device's or the lab's fault. */
  failuresInARow: z.number().int().min(0),
  checks: z.array(HealthCheck),
  /** When it came, went and left the rotation; newest first. Its runs are no changes. */
  changes: z.array(DeviceChange).default([]),
});
export type DeviceHealth = z.infer<typeof DeviceHealth>;

export const QuarantineCreate = z.strictObject({
  reason: z.string().trim().min(1).max(500),
  kind: z.enum(['fault', 'maintenance']).optional(),
});
export type QuarantineCreate = z.infer<typeof QuarantineCreate>;
