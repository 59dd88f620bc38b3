import { ScheduleStart } from '@hilltop/contracts';
import type { Context } from '../context.js';

/** Starts a schedule's sweep now. */
export async function scheduleTrigger(context: Context): Promise<void> {
  const name = context.positionals[0]!;
  const start = await context.lab.post(`/api/v1/schedules/${encodeURIComponent(name)}/trigger`, {}, ScheduleStart);
  context.answer(start, () => `${start.sweepId} started; follow it: hilltop sweep show ${start.sweepId} --wait\n`);
}
