import * as z from 'zod';
import { type Gate, GateVerdict } from './gate.js';
import { Id, Instant, Name } from './names.js';
import { CronRule, ScheduleStart, TimeZone } from './schedule.js';

/** What a gate found, apart: what the lab's own trouble left unmeasured or changed is never counted as a regression. */
export const GateLanes = z.object({
  regressed: z.number().int(),
  improved: z.number().int(),
  /** Points of the baseline without a result, and controls that changed by themselves. */
  infrastructure: z.number().int(),
  inconclusive: z.number().int(),
  same: z.number().int(),
  /** Rows that somebody accepted: in none of the others. */
  accepted: z.number().int(),
});
export type GateLanes = z.infer<typeof GateLanes>;

/** Rows by lane, those left out that somebody accepted; a point that only this sweep has is no trouble. */
export function lanesOf({ counts, missing, environment }: Pick<Gate, 'counts' | 'missing' | 'environment'>): GateLanes {
  const lacking = missing.filter((each) => each.in === 'sweep').length;
  return {
    regressed: counts.worse,
    improved: counts.improved,
    infrastructure: lacking + environment.length,
    inconclusive: counts.inconclusive,
    same: counts.same,
    accepted: counts.accepted,
  };
}

/** One start of a schedule with what its gate says today, decisions of people in it. */
export const Night = z.object({
  start: ScheduleStart,
  gate: z
    .object({ id: Id, verdict: GateVerdict, baselineName: Name, maxRegression: z.number(), lanes: GateLanes })
    .optional(),
});
export type Night = z.infer<typeof Night>;

/** What a device can be found to measure by. */
export const environmentFacts = ['agent', 'node', 'runtime', 'kernel', 'governor', 'caps', 'prepared'] as const;
export const EnvironmentFact = z.enum(environmentFacts);
export type EnvironmentFact = z.infer<typeof EnvironmentFact>;

/** Of one device something is otherwise than in the sweep it is held against; a side is absent where it was not told. */
export const EnvironmentChange = z.object({
  deviceId: Id,
  deviceName: Name,
  fact: EnvironmentFact,
  before: z.string().optional(),
  now: z.string().optional(),
});
export type EnvironmentChange = z.infer<typeof EnvironmentChange>;

/** `since`: id of the sweep looked back at; absent: the baseline's. */
export const EnvironmentQuery = z.object({ since: z.string().min(1).max(100).optional() });
export const EnvironmentChanges = z.object({ items: z.array(EnvironmentChange) });

/** What a rule would do. */
export const DueQuery = z.object({ cron: CronRule, timezone: TimeZone.default('UTC') });
export const DueStart = z.object({
  at: Instant,
  /** What clocks of the zone show then, `2026-11-25T02:00`. */
  wall: z.string(),
  /** Of the zone from UTC, then. */
  offsetMinutes: z.number().int(),
});
export type DueStart = z.infer<typeof DueStart>;
export const DuePreview = z.object({
  /** `every day at 02:00` */
  words: z.string(),
  /** The next five. */
  starts: z.array(DueStart),
  /** The next change of clocks within a year, and the first start after it. */
  clocks: z
    .object({ at: Instant, from: z.number().int(), to: z.number().int(), start: DueStart.optional() })
    .optional(),
});
export type DuePreview = z.infer<typeof DuePreview>;
