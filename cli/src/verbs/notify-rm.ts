import type { Context } from '../context.js';
import { findSubscription } from '../lab/find-subscription.js';

/** Tells it nothing any more. */
export async function notifyRm(context: Context): Promise<void> {
  const { id, name } = await findSubscription(context.lab, context.positionals[0]!);
  await context.lab.delete(`/api/v1/subscriptions/${id}`);
  context.answer({ removed: id }, () => `${name} is told nothing any more\n`);
}
