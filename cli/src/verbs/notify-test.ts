import { SubscriptionTest } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findSubscription } from '../lab/find-subscription.js';
import type { ExitStatus } from '../shell/exit-status.js';

/** Sends a test and says whether it arrived. */
export async function notifyTest(context: Context): Promise<ExitStatus> {
  const { id, name } = await findSubscription(context.lab, context.positionals[0]!);
  const found = await context.lab.post(`/api/v1/subscriptions/${id}/test`, {}, SubscriptionTest);
  context.answer(found, () =>
    found.delivered ? `the test arrived at ${name}\n` : `it did not arrive: ${found.error}\n`,
  );
  return found.delivered ? 0 : 1;
}
