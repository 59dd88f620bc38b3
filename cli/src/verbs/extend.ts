import { leaseLimits } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { actOn, myReservation } from '../lab/leases.js';
import { yoursText } from '../text/lease-text.js';

/** Keeps a device longer. */
export async function extend(context: Context): Promise<void> {
  const now = context.terminal.now();
  const forSeconds = context.options.duration('for') ?? leaseLimits.defaultSeconds;
  const mine = await myReservation(context.lab, context.positionals[0]!, now);
  const extended = await actOn(context, mine, 'extend', { forSeconds });
  context.answer(extended, () => `${yoursText(extended, now)}\n`);
}
