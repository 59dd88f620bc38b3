import { pageOf, Schedule, ScheduleStart } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { scheduleText } from '../text/schedule-text.js';

/** Shows a schedule and its newest starts. */
export async function scheduleShow(context: Context): Promise<void> {
  const path = `/api/v1/schedules/${encodeURIComponent(context.positionals[0]!)}`;
  const schedule = await context.lab.get(path, Schedule);
  const { items: starts } = await context.lab.get(`${path}/starts`, pageOf(ScheduleStart), { limit: 20 });
  context.answer({ ...schedule, starts }, () => scheduleText(schedule, starts, context.style, context.terminal.now()));
}
