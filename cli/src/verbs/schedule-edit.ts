import { Schedule } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { usageError } from '../shell/usage-error.js';
import { nextText } from '../text/schedule-text.js';
import { scheduleWish } from './schedule-wish.js';

/** Changes what is named of a schedule. */
export async function scheduleEdit(context: Context): Promise<void> {
  const { options, terminal } = context;
  const wish = await scheduleWish(context);
  const none = options.flag('no-baseline');
  if (none && wish.baseline !== undefined) throw usageError('--no-baseline and --baseline exclude each other.');
  const change = { ...wish, ...(none && { baseline: '' }) };
  if (Object.keys(change).length === 0)
    throw usageError('`hilltop schedule edit` needs something to change, such as --cron.');
  const path = `/api/v1/schedules/${encodeURIComponent(context.positionals[0]!)}`;
  const schedule = await context.lab.patch(path, change, Schedule);
  context.answer(schedule, () => `${schedule.name}: ${nextText(schedule, terminal.now())}\n`);
}
