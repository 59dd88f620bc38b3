import { GateSummary } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { verdictText } from '../text/gate-text.js';
import { table } from '../text/table.js';
import { formatAge } from '../text/units.js';

/** Lists the gates. */
export async function gates(context: Context): Promise<void> {
  const { style, terminal, options } = context;
  const all = await context.lab.list<GateSummary>('/api/v1/gates', GateSummary, { sweep: options.text('sweep') });
  context.answer(all, () =>
    all.length === 0
      ? 'no gates: `hilltop gate SWEEP --baseline B` holds a sweep against a baseline\n'
      : table(
          all,
          [
            { title: 'gate', cell: ({ id }) => id },
            { title: 'sweep', cell: ({ sweepName, sweepId }) => `${sweepName} (${sweepId})` },
            { title: 'baseline', cell: ({ baselineName }) => baselineName },
            { title: 'verdict', cell: ({ verdict }) => verdictText(verdict, style) },
            { title: 'worse', align: 'right', cell: ({ counts }) => String(counts.worse) },
            { title: 'inconclusive', align: 'right', cell: ({ counts }) => String(counts.inconclusive) },
            { title: 'judged', cell: ({ createdAt }) => formatAge(createdAt, terminal.now()) },
          ],
          style,
        ),
  );
}
