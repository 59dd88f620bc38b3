import { leaseLimits } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { actOn, leaseOut, myReservation } from '../lab/leases.js';
import { wishText } from '../text/lease-text.js';
import { forcedReason } from './reserve.js';

/** Gives a device back, or leaves the queue; an admin frees somebody else's. */
export async function release(context: Context): Promise<void> {
  const { lab, options, terminal } = context;
  const wanted = context.positionals[0]!;
  const reason = forcedReason(options);
  if (reason !== undefined) {
    const warned = await actOn(context, await leaseOut(lab, wanted), 'force', { reason });
    const text = `${warned.holder.name} is warned; ${warned.deviceName} is free in ${leaseLimits.forceSeconds} s`;
    return context.answer(warned, () => `${text}\n`);
  }
  const mine = await myReservation(lab, wanted, terminal.now());
  const released = await actOn(context, mine, 'release');
  context.answer(released, () =>
    mine.state === 'queued'
      ? `${wishText(mine)}: you are out of the queue\n`
      : `${released.deviceName} is given back\n`,
  );
}
