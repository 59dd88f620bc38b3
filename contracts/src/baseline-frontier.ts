import * as z from 'zod';
import { DeviceFrontier } from './frontier.js';
import { Baseline } from './gate.js';
import { MetricId, Objective } from './metrics.js';
import { Id, Instant } from './names.js';
import { ProtocolName } from './protocol.js';

export const BaselineFrontierQuery = z.object({
  /** Model id or name. */
  model: z.string().min(1).max(100),
  x: MetricId.default('latency_p50_ms'),
  y: MetricId.default('accuracy'),
});
export type BaselineFrontierQuery = z.infer<typeof BaselineFrontierQuery>;

/** What was worth shipping when a baseline's sweep ended: of its runs alone, for the ghost behind the frontier. */
export const BaselineFrontier = z.object({
  baseline: Baseline,
  /** When its sweep ended. */
  at: Instant,
  model: Id,
  /** The sweep's own; under another one nothing can be held against it. */
  protocol: ProtocolName,
  objectives: z.array(Objective),
  /** None where the sweep did not have the model. */
  devices: z.array(DeviceFrontier),
});
export type BaselineFrontier = z.infer<typeof BaselineFrontier>;
