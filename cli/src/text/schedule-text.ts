import type { Schedule, ScheduleStart } from '@hilltop/contracts';
import { clockText } from './clock.js';
import type { Style } from './style.js';
import { fields, table } from './table.js';

/** When it starts next, where the reader is. */
export function nextText({ paused, nextAt }: Schedule, nowMs: number): string {
  if (paused) return 'paused';
  return nextAt === undefined ? 'never again' : `next ${clockText(nextAt, nowMs)}`;
}

/** A start in a few words. */
export function startText(start: ScheduleStart, nowMs: number): string {
  return `${clockText(start.dueAt, nowMs)} ${outcomeText(start)}`;
}

function outcomeText({ state, sweepState, verdict, error, count }: ScheduleStart): string {
  switch (state) {
    case 'running':
      return 'running';
    case 'ended':
      return [sweepState ?? 'sweep removed', verdict ?? (error && `no verdict: ${error.message}`)]
        .filter(Boolean)
        .join(', ');
    case 'skipped':
      return 'skipped: the one before still ran';
    case 'missed':
      return `missed${count !== undefined && count > 1 ? `, ${count} starts up to then` : ''}`;
    case 'failed':
      return `not started: ${error?.message ?? ''}`;
  }
}

const causes = { rule: undefined, late: 'made up for', hand: 'by hand' } as const;

/** A schedule with its newest starts. */
export function scheduleText(
  schedule: Schedule,
  starts: readonly ScheduleStart[],
  style: Style,
  nowMs: number,
): string {
  const { baseline, maxRegression = 0.01 } = schedule;
  const head = fields(
    {
      Schedule: `${schedule.name} (${schedule.id})`,
      Rule: `${schedule.cron} in ${schedule.timezone}`,
      Next: nextText(schedule, nowMs),
      Missed: schedule.missed === 'once' ? 'made up for once' : 'not made up for',
      Sweep: schedule.file.name,
      Baseline: baseline && `${baseline}, at most ${Number((maxRegression * 100).toPrecision(6))} % worse`,
      Whose: schedule.createdBy,
    },
    style,
  );
  const list = table(
    starts,
    [
      { title: 'Due', cell: ({ dueAt }) => clockText(dueAt, nowMs) },
      { title: 'Outcome', cell: outcomeText },
      { title: 'Sweep', cell: ({ sweepId }) => sweepId },
      { title: 'Gate', cell: ({ gateId }) => gateId },
      { title: '', cell: ({ cause, startedBy }) => [causes[cause], startedBy].filter(Boolean).join(' ') || undefined },
    ],
    style,
  );
  return starts.length === 0 ? `${head}\nnot started yet\n` : `${head}\n${list}`;
}
