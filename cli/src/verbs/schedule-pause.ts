import { Schedule } from '@hilltop/contracts';
import type { Context } from '../context.js';

/** Starts nothing by this schedule until it is resumed. */
export async function schedulePause(context: Context): Promise<void> {
  const path = `/api/v1/schedules/${encodeURIComponent(context.positionals[0]!)}/pause`;
  const schedule = await context.lab.post(path, {}, Schedule);
  context.answer(schedule, () => `${schedule.name} is paused\n`);
}
