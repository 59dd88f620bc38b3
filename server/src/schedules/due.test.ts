import { isLabError, mulberry32 } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { Cron } from 'croner';
import { checkRule, due, longestCount, nextDue, onTimeMs } from './due.js';
import { instantOf, wallOf } from './zone.js';

const firstSeed = Number(process.env['HILLTOP_SEED'] ?? 1);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const at = (text: string) => Date.parse(text);
const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString().replace('.000', ''));
const rule = (cron: string, timezone: string, missed: 'skip' | 'once' = 'skip') => ({ cron, timezone, missed });
const codeOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return isLabError(error) ? error.code : String(error);
  }
  return undefined;
};

/** Days on which clocks are changed, or are not. */
const changes = [
  { zone: 'Europe/Berlin', days: ['2026-03-29', '2026-10-25'] },
  { zone: 'America/New_York', days: ['2026-03-08', '2026-11-01'] },
  { zone: 'Australia/Lord_Howe', days: ['2026-04-05', '2026-10-04'] },
  { zone: 'America/Sao_Paulo', days: ['2026-02-15', '2026-10-18'] },
] as const;

/** Looks when the rule says, and at odd times in between; what started, as instants. */
function nights(cron: string, zone: string, fromMs: number, days: number, random: () => number): number[] {
  const started: number[] = [];
  let looked = fromMs;
  for (let now = fromMs; now < fromMs + days * dayMs; ) {
    const found = due(rule(cron, zone), looked, now);
    if (found.start) started.push(found.start.dueMs);
    if (found.missed) throw new Error(`missed ${iso(found.missed.lastMs)}`);
    looked = now;
    now = Math.min(found.nextMs! + Math.floor(random() * 1000), now + Math.floor(1 + random() * 20 * hourMs));
  }
  return started;
}

describe('when a schedule is due', () => {
  it.each(changes.flatMap(({ zone, days }) => days.map((day) => [zone, day] as const)))(
    '[SCHED-1] %s around %s: thirty nights, one start each, whatever time the rule names',
    (zone, day) => {
      const random = mulberry32(firstSeed);
      for (const [hour, minute] of [
        [0, 0],
        [1, 30],
        [2, 15],
        [2, 30],
        [23, 59],
      ] as const) {
        const from = instantOf(at(`${day}T00:00:00Z`) - 14 * dayMs - 1000, zone);
        const started = nights(`${minute} ${hour} * * *`, zone, from, 31, random).slice(0, 30);
        const dates = started.map((ms) => new Date(wallOf(ms, zone)).toISOString().slice(0, 10));
        const expected = Array.from({ length: 30 }, (_, i) => new Date(at(`${day}T00:00:00Z`) + (i - 14) * dayMs));
        expect(dates).toEqual(expected.map((date) => date.toISOString().slice(0, 10)));
      }
    },
  );

  it('[SCHED-2] a time that does not exist runs at the next that does, one that occurs twice at the first', () => {
    const next = (cron: string, zone: string, after: string) => iso(nextDue(rule(cron, zone), at(after)));
    expect({
      berlinGap: next('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z'),
      berlinFold: next('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z'),
      afterFold: next('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z'),
      newYorkGap: next('15 2 * * *', 'America/New_York', '2026-03-07T12:00:00Z'),
      newYorkFold: next('15 1 * * *', 'America/New_York', '2026-10-31T12:00:00Z'),
      lordHoweGap: next('10 2 * * *', 'Australia/Lord_Howe', '2026-10-03T12:00:00Z'),
      lordHoweFold: next('45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T12:00:00Z'),
      samoaLeftOutADay: next('0 2 30 12 *', 'Pacific/Apia', '2011-12-25T00:00:00Z'),
    }).toEqual({
      berlinGap: '2026-03-29T01:00:00Z',
      berlinFold: '2026-10-25T00:30:00Z',
      afterFold: '2026-10-26T01:30:00Z',
      newYorkGap: '2026-03-08T07:00:00Z',
      newYorkFold: '2026-11-01T05:15:00Z',
      lordHoweGap: '2026-10-03T15:30:00Z',
      lordHoweFold: '2026-04-04T14:45:00Z',
      samoaLeftOutADay: '2011-12-30T10:00:00Z',
    });
  });

  it('[SCHED-2] rules with one time a day agree with croner, whose own placing in time is not used', () => {
    for (const { zone, days } of changes) {
      for (const day of days) {
        for (let minute = 0; minute < 240; minute += 15) {
          const cron = `${minute % 60} ${Math.floor(minute / 60)} * * *`;
          const from = at(`${day}T00:00:00Z`) - 2 * dayMs;
          const theirs = new Cron(cron, { timezone: zone, paused: true })
            .nextRuns(4, new Date(from))
            .map((date) => date.getTime());
          const ours: number[] = [];
          for (let next = nextDue(rule(cron, zone), from)!; ours.length < 4; next = nextDue(rule(cron, zone), next)!)
            ours.push(next);
          expect([zone, cron, ours.map(iso)]).toEqual([zone, cron, theirs.map(iso)]);
        }
      }
    }
  });

  it('[SCHED-1] any rule, zone and looking: due times rise, none comes twice, and looking seldom sees the same', () => {
    const random = mulberry32(firstSeed);
    const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
    for (let n = 0; n < 30; n++) {
      const { zone, days } = pick(changes);
      const cron = pick(['*/30 * * * *', '0 */4 * * *', '15 1-3 * * *', '0 2 * * 1-5', '45 1,2 * * *', '5 0 1,15 * *']);
      const from = at(`${pick(days)}T00:00:00Z`) - Math.floor(random() * 2 * dayMs);
      const to = from + 3 * dayMs;
      const all: number[] = [];
      for (let next = nextDue(rule(cron, zone), from)!; next <= to; next = nextDue(rule(cron, zone), next)!)
        all.push(next);
      expect([...new Set(all)].sort((a, b) => a - b)).toEqual(all);
      const seldom = due(rule(cron, zone, 'once'), from, to);
      const seen = (seldom.start ? 1 : 0) + (seldom.missed?.count ?? 0);
      expect([firstSeed, cron, zone, seen, seldom.start?.dueMs]).toEqual([
        firstSeed,
        cron,
        zone,
        all.length,
        all.at(-1),
      ]);
    }
  });

  it('[SCHED-3] what was missed is recorded; `once` makes up for all of it with one start, `skip` with none', () => {
    const looked = at('2026-06-01T12:00:00Z');
    const monday = at('2026-06-08T09:00:00Z');
    const last = at('2026-06-08T02:00:00Z');
    const nextMs = at('2026-06-09T02:00:00Z');
    expect({
      skip: due(rule('0 2 * * *', 'UTC', 'skip'), looked, monday),
      once: due(rule('0 2 * * *', 'UTC', 'once'), looked, monday),
      onTime: due(rule('0 2 * * *', 'UTC', 'skip'), looked, last + onTimeMs),
      nothing: due(rule('0 2 * * *', 'UTC', 'once'), last, monday),
    }).toEqual({
      skip: { missed: { count: 7, lastMs: last }, nextMs },
      once: { start: { dueMs: last, cause: 'late' }, missed: { count: 6, lastMs: last - dayMs }, nextMs },
      onTime: { start: { dueMs: last, cause: 'rule' }, missed: { count: 6, lastMs: last - dayMs }, nextMs },
      nothing: { nextMs },
    });
  });

  it('[SCHED-3] years of minutes are told without counting each', () => {
    const found = due(rule('* * * * *', 'Europe/Berlin'), at('2016-01-01T00:00:00Z'), at('2026-01-01T00:00:30Z'));
    expect(found).toEqual({
      start: { dueMs: at('2026-01-01T00:00:00Z'), cause: 'rule' },
      missed: { count: longestCount, lastMs: at('2025-12-31T23:59:00Z') },
      nextMs: at('2026-01-01T00:01:00Z'),
    });
  });

  it('[SCHED-4] a rule that cannot be read or is never due is refused', () => {
    const check = (cron: string, zone = 'UTC') => codeOf(() => checkRule(rule(cron, zone), at('2026-01-01T00:00:00Z')));
    expect(
      ['61 * * * *', '* * * *', '0 0 30 2 *', 'a b c d e', '0 2 * * * *', '0 2 29 2 *'].map((cron) => check(cron)),
    ).toEqual([...Array.from({ length: 5 }, () => 'schedule.cron-invalid'), undefined]);
    expect(check('0 2 * * *', 'Mars/Olympus')).toBe('schedule.cron-invalid');
  });
});
