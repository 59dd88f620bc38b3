import * as z from 'zod';
import { Floor } from './device.js';
import { MetricValues } from './metrics.js';
import { Id, Instant, Name, Sha256 } from './names.js';
import { Protocol, RunSettings } from './protocol.js';
import { RecipeName } from './recipe.js';
import { Sensor } from './sensor.js';
import { EnergyBudget, Verdict } from './summary.js';

export const runStates = [
  'queued',
  'claimed',
  'preparing',
  'running',
  'reporting',
  'succeeded',
  'failed',
  'cancelled',
  'lost',
] as const;
export const RunState = z.enum(runStates);
export type RunState = z.infer<typeof RunState>;

/** What may follow what; anything else is `run.bad-transition`. `lost -> queued` is the next attempt. */
export const runTransitions = {
  queued: ['claimed', 'cancelled', 'failed'],
  claimed: ['preparing', 'running', 'failed', 'cancelled', 'lost'],
  preparing: ['running', 'failed', 'cancelled', 'lost'],
  running: ['reporting', 'failed', 'cancelled', 'lost'],
  reporting: ['succeeded', 'failed', 'cancelled', 'lost'],
  succeeded: [],
  failed: [],
  cancelled: [],
  lost: ['queued', 'failed', 'cancelled'],
} as const satisfies Record<RunState, readonly RunState[]>;

/** States in which an agent holds the run: a device has at most one such attempt. */
export const heldStates = ['claimed', 'preparing', 'running', 'reporting'] as const satisfies readonly RunState[];
export const finalStates = ['succeeded', 'failed', 'cancelled'] as const satisfies readonly RunState[];
export const isFinal = (state: RunState): boolean => (finalStates as readonly RunState[]).includes(state);
export const isHeld = (state: RunState): boolean => (heldStates as readonly RunState[]).includes(state);

/** Whose fault a failure is: only `infrastructure` is tried again. */
export const Cause = z.enum(['user', 'device', 'infrastructure']);
export type Cause = z.infer<typeof Cause>;

/** An infrastructure failure is tried again until so many attempts have been made. */
export const maxAttempts = 3;

export const runPhases = ['fetching', 'cooling', 'loading', 'warming-up', 'measuring', 'evaluating'] as const;
export const RunPhase = z.enum(runPhases);
export type RunPhase = z.infer<typeof RunPhase>;

export const RunError = z.object({ code: z.string().max(60), message: z.string().max(2000), cause: Cause });
export type RunError = z.infer<typeof RunError>;

/** Where a run took place, in full: what must be equal for two runs to be compared. */
export const RunEnvironment = z.object({
  agentVersion: z.string().max(40),
  node: z.string().max(40),
  runtime: z.object({ name: z.string().max(40), version: z.string().max(64), provider: z.string().max(40) }),
  kernel: z.string().max(200).optional(),
  governor: z.string().max(60).optional(),
  loadAverage: z.number().optional(),
  /** How the child was capped: `prlimit` or `none`. */
  caps: z.string().max(40),
  memoryLimitBytes: z.number().int().optional(),
  /** What was read beside the run; observations name them by their place here. */
  sensors: z.array(Sensor).max(256).optional(),
  /** Settings of the machine that were made for the run and taken back after it: `governor=performance`, `affinity=2-3` ... */
  prepared: z.array(z.string().max(100)).max(32).optional(),
});
export type RunEnvironment = z.infer<typeof RunEnvironment>;

/** Why a run has not started. */
export const waitingReasons = [
  'build',
  'offline',
  'unhealthy',
  'quarantined',
  'lease',
  'parallel',
  'cooling',
  'device-busy',
  'priority',
  'queue',
  'starting',
] as const;
export const WaitingReason = z.enum(waitingReasons);
export type WaitingReason = z.infer<typeof WaitingReason>;

/** What a run waits for, as seen when it was asked. */
export const Waiting = z.object({
  why: WaitingReason,
  text: z.string(),
  /** Who holds the device, or measures on it. */
  for: z.string().optional(),
  /** When the lease ends. */
  until: Instant.optional(),
  /** Place in the queue of its device; 1: the next. */
  position: z.number().int().min(1).optional(),
  /** Until it starts, from how long the lab's own runs there took; absent where none tells. */
  estimateSeconds: z.number().min(0).optional(),
});
export type Waiting = z.infer<typeof Waiting>;

/** One variant on one device under one protocol. */
export const Run = z.object({
  id: Id,
  jobId: Id,
  modelId: Id,
  variantId: Id,
  recipe: RecipeName,
  deviceId: Id,
  deviceName: Name,
  protocol: Protocol,
  settings: RunSettings,
  artifact: z.object({ sha256: Sha256, bytes: z.number().int() }).optional(),
  state: RunState,
  attempt: z.number().int().min(0),
  fence: z.number().int().min(0).optional(),
  progress: z
    .object({
      phase: RunPhase,
      block: z.number().int().optional(),
      blocks: z.number().int().optional(),
      fraction: z.number().min(0).max(1),
    })
    .optional(),
  error: RunError.optional(),
  verdict: Verdict.optional(),
  metrics: MetricValues,
  /** Where its energy comes from; absent without a source that says what the device takes. */
  energy: EnergyBudget.optional(),
  environment: RunEnvironment.optional(),
  floor: Floor.optional(),
  /** Made because this run was disturbed; it stays, marked. */
  repeatOf: Id.optional(),
  /** The run that does this one again, because this one was disturbed. */
  repeatedAs: Id.optional(),
  /** The last repetition that its protocol allows was disturbed too: so often in all. */
  unstable: z.number().int().min(2).max(10).optional(),
  /** What went over the wire for this run. */
  transferBytes: z.number().int().optional(),
  /** Only of one that waits, and only when asked for it: live views leave it out. */
  waiting: Waiting.optional(),
  /** In the queue, over all attempts. */
  queueSeconds: z.number().min(0).optional(),
  /** From the claim that counts to its end. */
  runSeconds: z.number().min(0).optional(),
  queuedAt: Instant,
  claimedAt: Instant.optional(),
  startedAt: Instant.optional(),
  endedAt: Instant.optional(),
});
export type Run = z.infer<typeof Run>;
