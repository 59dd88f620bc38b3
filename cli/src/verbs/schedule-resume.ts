import { Schedule } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { nextText } from '../text/schedule-text.js';

/** Starts by the clock again. */
export async function scheduleResume(context: Context): Promise<void> {
  const path = `/api/v1/schedules/${encodeURIComponent(context.positionals[0]!)}/resume`;
  const schedule = await context.lab.post(path, {}, Schedule);
  context.answer(schedule, () => `${schedule.name}: ${nextText(schedule, context.terminal.now())}\n`);
}
