import { Baseline } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { fields } from '../text/table.js';

/** Shows a baseline. */
export async function baselineShow(context: Context): Promise<void> {
  const id = encodeURIComponent(context.positionals[0]!);
  const baseline = await context.lab.get(`/api/v1/baselines/${id}`, Baseline);
  const { name, sweepName, sweepId, createdAt, createdBy } = baseline;
  context.answer(baseline, () =>
    fields(
      { baseline: `${name} (${baseline.id})`, sweep: `${sweepName} (${sweepId})`, pinned: createdAt, by: createdBy },
      context.style,
    ),
  );
}
