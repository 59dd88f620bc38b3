import type { DuePreview, DueStart } from '@hilltop/contracts';
import { cronWords } from './cron-words.js';
import { checkRule, type DueRule, nextDue } from './due.js';
import { wallOf } from './zone.js';

const previewed = 5;
const dayMs = 86_400_000;
/** Every zone that changes its clocks does so within that. */
const lookMs = 370 * dayMs;

/** What a rule would do from `nowMs` on. Pure. Throws `schedule.cron-invalid`. */
export function duePreview(rule: Pick<DueRule, 'cron' | 'timezone'>, nowMs: number): DuePreview {
  checkRule(rule, nowMs);
  const { timezone } = rule;
  const starts: DueStart[] = [];
  for (let at = nextDue(rule, nowMs); at !== undefined && starts.length < previewed; at = nextDue(rule, at))
    starts.push(startAt(at, timezone));
  const change = nextChange(timezone, nowMs);
  if (change === undefined) return { words: cronWords(rule.cron), starts };
  const after = nextDue(rule, change - 1);
  return {
    words: cronWords(rule.cron),
    starts,
    clocks: {
      at: new Date(change).toISOString(),
      from: offsetMinutes(change - 1, timezone),
      to: offsetMinutes(change, timezone),
      ...(after !== undefined && { start: startAt(after, timezone) }),
    },
  };
}

const offsetMinutes = (atMs: number, zone: string): number => Math.round((wallOf(atMs, zone) - atMs) / 60_000);

function startAt(atMs: number, zone: string): DueStart {
  const wall = new Date(wallOf(atMs, zone)).toISOString().slice(0, 16);
  return { at: new Date(atMs).toISOString(), wall, offsetMinutes: offsetMinutes(atMs, zone) };
}

/** The first instant, to the second, from which the zone is another way from UTC; undefined: not within a year. */
function nextChange(zone: string, nowMs: number): number | undefined {
  const now = offsetMinutes(nowMs, zone);
  let low = nowMs;
  while (low < nowMs + lookMs && offsetMinutes(low + dayMs, zone) === now) low += dayMs;
  if (low >= nowMs + lookMs) return undefined;
  let high = low + dayMs;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMinutes(middle, zone) === now) low = middle;
    else high = middle;
  }
  return high;
}
