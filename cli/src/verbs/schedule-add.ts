import { Schedule, type ScheduleCreate } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { usageError } from '../shell/usage-error.js';
import { nextText } from '../text/schedule-text.js';
import { scheduleWish } from './schedule-wish.js';

/** Adds a schedule; without --tz in the time zone of this machine. */
export async function scheduleAdd(context: Context): Promise<void> {
  const { options, lab, terminal } = context;
  options.required('cron', "--cron RULE, such as '0 2 * * *'");
  options.required('sweep', '--sweep FILE');
  const { file, cron, ...wish } = await scheduleWish(context);
  if (wish.maxRegression !== undefined && wish.baseline === undefined)
    throw usageError('--max-regression goes with --baseline.');
  const request: ScheduleCreate = {
    name: context.positionals[0]!,
    cron: cron!,
    file: file!,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...wish,
  };
  const schedule = await lab.post('/api/v1/schedules', request, Schedule);
  context.answer(schedule, () => `${schedule.name}: ${nextText(schedule, terminal.now())}\n`);
}
