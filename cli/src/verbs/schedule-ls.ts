import { Schedule } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { nextText, startText } from '../text/schedule-text.js';
import { table } from '../text/table.js';

/** Lists the schedules. */
export async function scheduleLs(context: Context): Promise<void> {
  const { style, terminal } = context;
  const all = await context.lab.list<Schedule>('/api/v1/schedules', Schedule);
  context.answer(all, () =>
    all.length === 0
      ? 'no schedules; `hilltop schedule add` makes one\n'
      : table(
          all,
          [
            { title: 'Schedule', cell: ({ name }) => name },
            { title: 'Rule', cell: ({ cron }) => cron },
            { title: 'Zone', cell: ({ timezone }) => timezone },
            { title: 'Sweep', cell: ({ file }) => file.name },
            { title: 'Baseline', cell: ({ baseline }) => baseline },
            { title: 'Next', cell: (schedule) => nextText(schedule, terminal.now()) },
            { title: 'Last', cell: ({ last }) => last && startText(last, terminal.now()) },
            { title: 'Whose', cell: ({ createdBy }) => createdBy },
          ],
          style,
        ),
  );
}
