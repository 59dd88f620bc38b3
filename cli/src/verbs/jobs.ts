import { Job } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { countsText, selectorText } from '../text/job-text.js';
import { stateText } from '../text/status-marks.js';
import { table } from '../text/table.js';
import { formatAge } from '../text/units.js';
import { waitingText } from '../text/waiting-text.js';

/** Lists the jobs, newest first. */
export async function jobs(context: Context): Promise<void> {
  const { style, terminal } = context;
  const all = await context.lab.list<Job>('/api/v1/jobs', Job);
  context.answer(all, () =>
    all.length === 0
      ? 'no jobs: `hilltop run -m MODEL -r RECIPE -d DEVICE` starts one\n'
      : table(
          all,
          [
            { title: 'State', cell: (job) => stateText(job.state, style) },
            { title: 'Job', cell: (job) => job.id },
            { title: 'Name', cell: (job) => job.name },
            { title: 'Model', cell: (job) => job.modelName },
            { title: 'Devices', cell: selectorText },
            { title: 'Protocol', cell: (job) => job.protocol.name },
            { title: 'Runs', cell: countsText },
            { title: 'Waits', cell: (job) => job.waiting && waitingText(job.waiting) },
            { title: 'Started', cell: (job) => formatAge(job.createdAt, terminal.now()) },
            { title: 'By', cell: (job) => job.createdBy },
          ],
          style,
        ),
  );
}
