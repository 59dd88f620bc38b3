import type { Schedule, ScheduleStart } from '@hilltop/contracts';
import { nextDue } from './due.js';
import type { ScheduleEntity } from './schedule.entity.js';
import type { StartEntity } from './start.entity.js';

/** A schedule as the API shows it. */
export function scheduleView(row: ScheduleEntity, last: StartEntity | undefined, nowMs: number): Schedule {
  const next = row.paused ? undefined : nextDue(row, nowMs);
  return {
    id: row.id,
    name: row.name,
    cron: row.cron,
    timezone: row.timezone,
    file: row.file,
    missed: row.missed,
    paused: row.paused,
    createdBy: row.actor.name,
    createdAt: row.createdAt,
    ...(row.baseline !== null && { baseline: row.baseline }),
    ...(row.maxRegression !== null && { maxRegression: row.maxRegression }),
    ...(next !== undefined && { nextAt: new Date(next).toISOString() }),
    ...(last && { last: startView(last) }),
  };
}

export function startView(row: StartEntity): ScheduleStart {
  return {
    id: row.id,
    scheduleId: row.scheduleId,
    dueAt: row.dueAt,
    at: row.at,
    cause: row.cause,
    state: row.state,
    ...(row.count !== null && { count: row.count }),
    ...(row.sweepId !== null && { sweepId: row.sweepId }),
    ...(row.sweepState !== null && { sweepState: row.sweepState }),
    ...(row.gateId !== null && { gateId: row.gateId }),
    ...(row.verdict !== null && { verdict: row.verdict }),
    ...(row.error !== null && { error: row.error }),
    ...(row.startedBy !== null && { startedBy: row.startedBy }),
    ...(row.endedAt !== null && { endedAt: row.endedAt }),
  };
}
