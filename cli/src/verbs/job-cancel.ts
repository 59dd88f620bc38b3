import { Job } from '@hilltop/contracts';
import type { Context } from '../context.js';

/** Cancels a job and its runs. */
export async function jobCancel(context: Context): Promise<void> {
  const id = encodeURIComponent(context.positionals[0]!);
  const job = await context.lab.post(`/api/v1/jobs/${id}/cancel`, {}, Job);
  context.answer(job, () => `${job.id} is ${job.state === 'cancelled' ? 'cancelled' : 'being cancelled'}\n`);
}
