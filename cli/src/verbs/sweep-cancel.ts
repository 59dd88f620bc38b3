import { Sweep } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findSweep } from '../lab/find-sweep.js';

/** Cancels a sweep and its runs; what was measured stays. */
export async function sweepCancel(context: Context): Promise<void> {
  const { id } = await findSweep(context.lab, context.positionals[0]!);
  const reason = context.options.text('reason');
  const sweep = await context.lab.post(`/api/v1/sweeps/${id}/cancel`, reason === undefined ? {} : { reason }, Sweep);
  context.answer(
    sweep,
    () => `${sweep.id} ${sweep.name} is ${sweep.state === 'cancelled' ? 'cancelled' : 'being cancelled'}\n`,
  );
}
