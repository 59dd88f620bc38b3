import { LabError, Subscription } from '@hilltop/contracts';
import type { LabClient } from './client.js';

/** A subscription by id or name. Throws `subscription.unknown`. */
export async function findSubscription(client: LabClient, wanted: string): Promise<Subscription> {
  const all = await client.list<Subscription>('/api/v1/subscriptions', Subscription);
  const found = all.find(({ id, name }) => id === wanted || name === wanted);
  if (found) return found;
  throw new LabError('subscription.unknown', `there is no "${wanted}"; \`hilltop notify ls\` lists who is told`, {
    wanted,
  });
}
