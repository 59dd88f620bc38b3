import { Schedule } from '@hilltop/contracts';
import type { Context } from '../context.js';

/** Removes a schedule; its sweeps stay. */
export async function scheduleRm(context: Context): Promise<void> {
  const schedule = await context.lab.get(`/api/v1/schedules/${encodeURIComponent(context.positionals[0]!)}`, Schedule);
  await context.lab.delete(`/api/v1/schedules/${schedule.id}`);
  context.answer({ removed: schedule.id }, () => `${schedule.name} is removed; its sweeps stay\n`);
}
