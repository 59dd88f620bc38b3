import { Baseline } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { table } from '../text/table.js';
import { formatAge } from '../text/units.js';

/** Lists the baselines. */
export async function baselineLs(context: Context): Promise<void> {
  const baselines = await context.lab.list<Baseline>('/api/v1/baselines', Baseline);
  const now = context.terminal.now();
  context.answer(baselines, () =>
    baselines.length === 0
      ? 'no baselines: `hilltop baseline pin NAME SWEEP` makes one\n'
      : table(
          baselines,
          [
            { title: 'baseline', cell: ({ name }) => name },
            { title: 'sweep', cell: ({ sweepName, sweepId }) => `${sweepName} (${sweepId})` },
            { title: 'pinned', cell: ({ createdAt }) => formatAge(createdAt, now) },
            { title: 'by', cell: ({ createdBy }) => createdBy },
          ],
          context.style,
        ),
  );
}
