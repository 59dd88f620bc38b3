import type { Context } from '../context.js';
import { actOn, myReservation, told } from '../lab/leases.js';

/** Gives a device to somebody else. */
export async function handover(context: Context): Promise<void> {
  const now = context.terminal.now();
  const to = context.options.required('to', '--to USER');
  const given = await actOn(context, await myReservation(context.lab, context.positionals[0]!, now), 'handover', {
    to,
  });
  context.answer(given, () => `${given.deviceName} is ${told(given, now)}\n`);
}
