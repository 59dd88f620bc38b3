import { resolve } from 'node:path';
import { missedPolicies, type ScheduleUpdate } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { readSweepFile } from '../local/read-sweep-file.js';
import { shareOf } from './gate.js';

/** What the options of `schedule add` and `schedule edit` name; what they do not is absent. Throws `usage.invalid`, `sweep.invalid`. */
export async function scheduleWish({ options, terminal }: Context): Promise<ScheduleUpdate> {
  const [cron, timezone, sweep, baseline] = [
    options.text('cron'),
    options.text('tz'),
    options.text('sweep'),
    options.text('baseline'),
  ];
  const missed = options.choice('missed', missedPolicies);
  const maxRegression = shareOf(options.text('max-regression'));
  return {
    ...(cron !== undefined && { cron }),
    ...(timezone !== undefined && { timezone }),
    ...(missed && { missed }),
    ...(baseline !== undefined && { baseline }),
    ...(maxRegression !== undefined && { maxRegression }),
    ...(sweep !== undefined && { file: await readSweepFile(resolve(terminal.cwd, sweep), sweep) }),
  };
}
