import type { Context } from '../context.js';
import { actOn, myReservation } from '../lab/leases.js';
import { yoursText } from '../text/lease-text.js';

/** Takes a lease that was granted. */
export async function take(context: Context): Promise<void> {
  const now = context.terminal.now();
  const taken = await actOn(context, await myReservation(context.lab, context.positionals[0]!, now), 'take');
  context.answer(taken, () => `${yoursText(taken, now)}\n`);
}
