import * as z from 'zod';
import { GateVerdict } from './gate.js';
import { Id, Instant, Name } from './names.js';
import { SweepFile, SweepState } from './sweep.js';

/** Five fields: minute, hour, day of month, month, weekday; `?` is not among them, it would mean another time at each look. */
export const CronRule = z
  .string()
  .trim()
  .max(100)
  .regex(
    /^[0-9A-Za-z*,/#-]+(\s+[0-9A-Za-z*,/#-]+){4}$/,
    'must be five fields such as `0 2 * * *`: minute, hour, day of month, month, weekday',
  );
export type CronRule = z.infer<typeof CronRule>;

/** A name of the IANA time zone database, such as `Europe/Berlin` or `UTC`. */
export const TimeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z]/, 'must be a time zone such as Europe/Berlin')
  .refine(isTimeZone, 'must be a time zone such as Europe/Berlin');
export type TimeZone = z.infer<typeof TimeZone>;

/** What becomes of starts that came while the coordinator was away: forgotten, or one made up for all of them. */
export const missedPolicies = ['skip', 'once'] as const;
export const MissedPolicy = z.enum(missedPolicies);
export type MissedPolicy = z.infer<typeof MissedPolicy>;

/**
 * `running`: its sweep runs; `ended`: its sweep has ended, `sweepState` says how; `skipped`: the one before still ran; `missed`: the coordinator was
 * away; `failed`: no sweep could be made.
 */
export const startStates = ['running', 'ended', 'skipped', 'missed', 'failed'] as const;
export const StartState = z.enum(startStates);
export type StartState = z.infer<typeof StartState>;

const Failure = z.object({ code: z.string(), message: z.string() });

/** One time at which a schedule was due, and what came of it. */
export const ScheduleStart = z.object({
  id: Id,
  scheduleId: Id,
  /** By its rule; of a start by hand: when that was. */
  dueAt: Instant,
  /** When it was started or given up. */
  at: Instant,
  /** `rule`, `late`: made up for what was missed; `hand`: `hilltop schedule trigger`. */
  cause: z.enum(['rule', 'late', 'hand']),
  state: StartState,
  /** Missed: how many starts this row stands for, `dueAt` being the last. */
  count: z.number().int().min(1).optional(),
  sweepId: Id.optional(),
  sweepState: SweepState.optional(),
  gateId: Id.optional(),
  verdict: GateVerdict.optional(),
  /** Why no sweep was made, or why its gate could not be judged. */
  error: Failure.optional(),
  startedBy: z.string().optional(),
  endedAt: Instant.optional(),
});
export type ScheduleStart = z.infer<typeof ScheduleStart>;

/** A cron rule that starts sweeps; never two at once. */
export const Schedule = z.object({
  id: Id,
  name: Name,
  cron: CronRule,
  timezone: TimeZone,
  file: SweepFile,
  missed: MissedPolicy,
  paused: z.boolean(),
  /** Name of the baseline that each of its sweeps is held against. */
  baseline: Name.optional(),
  /** Share: 0.01 = 1 %. */
  maxRegression: z.number().min(0).max(1).optional(),
  createdBy: z.string(),
  createdAt: Instant,
  /** Absent while it is paused. */
  nextAt: Instant.optional(),
  /** The newest start. */
  last: ScheduleStart.optional(),
});
export type Schedule = z.infer<typeof Schedule>;

export const ScheduleCreate = z.strictObject({
  name: Name,
  cron: CronRule,
  timezone: TimeZone.default('UTC'),
  file: SweepFile,
  missed: MissedPolicy.default('skip'),
  paused: z.boolean().default(false),
  baseline: Name.optional(),
  maxRegression: z.number().min(0).max(1).optional(),
});
export type ScheduleCreate = z.input<typeof ScheduleCreate>;

/** What is given replaces what was; an empty `baseline` ends the gate. */
export const ScheduleUpdate = z.strictObject({
  name: Name.optional(),
  cron: CronRule.optional(),
  timezone: TimeZone.optional(),
  file: SweepFile.optional(),
  missed: MissedPolicy.optional(),
  baseline: z.union([Name, z.literal('')]).optional(),
  maxRegression: z.number().min(0).max(1).optional(),
});
export type ScheduleUpdate = z.input<typeof ScheduleUpdate>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
