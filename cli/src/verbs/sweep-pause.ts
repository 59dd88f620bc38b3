import { Sweep } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findSweep } from '../lab/find-sweep.js';
import { trialsText } from '../text/sweep-text.js';

/** Pauses a sweep: no more trials; what runs ends. */
export async function sweepPause(context: Context): Promise<void> {
  const { id } = await findSweep(context.lab, context.positionals[0]!);
  const sweep = await context.lab.post(`/api/v1/sweeps/${id}/pause`, {}, Sweep);
  context.answer(sweep, () => `${sweep.id} ${sweep.name} is ${sweep.state}: ${trialsText(sweep)}\n`);
}
