import { errorText, LabError, type MissedPolicy } from '@hilltop/contracts';
import { Cron } from 'croner';
import { instantOf, wallOf } from './zone.js';

export interface DueRule {
  readonly cron: string;
  readonly timezone: string;
  readonly missed: MissedPolicy;
}

/** Instants in ms since 1970. */
export interface Due {
  /** What starts now; `late`: it stands for starts that were missed. */
  readonly start?: { readonly dueMs: number; readonly cause: 'rule' | 'late' };
  /** What came while nobody looked and is not made up for. */
  readonly missed?: { readonly count: number; readonly lastMs: number };
  /** Absent: never again. */
  readonly nextMs?: number;
}

/** A start that is looked at later than this was missed: a timer is late by less, a machine that slept by more. */
export const onTimeMs = 2 * 60_000;

/** More missed starts than this are counted no further. */
export const longestCount = 1000;

/** What is due after `lookedMs` and up to `nowMs`. Pure; a clock that was set back makes nothing due. Throws `schedule.cron-invalid`. */
export function due(rule: DueRule, lookedMs: number, nowMs: number): Due {
  const dues = new Instants(rule);
  const nextMs = dues.after(Math.max(lookedMs, nowMs));
  const later = nextMs === undefined ? {} : { nextMs };
  const last = dues.last(lookedMs, nowMs);
  if (last === undefined) return later;
  const cause = nowMs - last <= onTimeMs ? 'rule' : 'late';
  const starts = cause === 'rule' || rule.missed === 'once';
  const lost = starts ? dues.last(lookedMs, last - 1) : last;
  return {
    ...(starts && { start: { dueMs: last, cause } }),
    ...(lost !== undefined && { missed: { count: dues.count(lookedMs, lost), lastMs: lost } }),
    ...later,
  };
}

/** The first instant after `afterMs` at which the rule is due; undefined: never. Throws `schedule.cron-invalid`. */
export function nextDue(rule: Pick<DueRule, 'cron' | 'timezone'>, afterMs: number): number | undefined {
  return new Instants(rule).after(afterMs);
}

/** Throws `schedule.cron-invalid` for a rule that cannot be read or is never due. */
export function checkRule(rule: Pick<DueRule, 'cron' | 'timezone'>, nowMs: number): void {
  if (nextDue(rule, nowMs) !== undefined) return;
  throw new LabError('schedule.cron-invalid', `"${rule.cron}" is never due; \`0 2 * * *\` is 2:00 each night`, {
    cron: rule.cron,
  });
}

/** The instants of a rule: what clocks on the wall show is matched, then placed in time. */
class Instants {
  readonly #cron: Cron;
  readonly #zone: string;

  constructor({ cron, timezone }: Pick<DueRule, 'cron' | 'timezone'>) {
    this.#zone = timezone;
    try {
      this.#cron = new Cron(cron, { mode: '5-part', timezone: 'UTC', paused: true });
    } catch (error) {
      throw new LabError(
        'schedule.cron-invalid',
        `"${cron}" is no rule of five fields such as \`0 2 * * *\` (minute, hour, day of month, month, weekday): ${errorText(error)}`,
        { cron },
        { cause: error },
      );
    }
  }

  after(instantMs: number): number | undefined {
    // Times that were left out, or are shown a second time, fall on an instant that is not later: the next is.
    for (let wall: Date | null = new Date(wallOf(instantMs, this.#zone)); ; ) {
      wall = this.#cron.nextRun(wall);
      if (!wall) return undefined;
      const instant = instantOf(wall.getTime(), this.#zone);
      if (instant > instantMs) return instant;
    }
  }

  /** The last one after `fromMs` and up to `toMs`. */
  last(fromMs: number, toMs: number): number | undefined {
    const first = this.after(fromMs);
    if (first === undefined || first > toMs) return undefined;
    for (let stepMs = 3_600_000; ; stepMs *= 2) {
      const from = Math.max(fromMs, toMs - stepMs);
      let last: number | undefined;
      for (let next = this.after(from); next !== undefined && next <= toMs; next = this.after(next)) last = next;
      if (last !== undefined || from === fromMs) return last;
    }
  }

  count(fromMs: number, toMs: number): number {
    let count = 0;
    for (
      let next = this.after(fromMs);
      next !== undefined && next <= toMs && count < longestCount;
      next = this.after(next)
    )
      count += 1;
    return count;
  }
}
