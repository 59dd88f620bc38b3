import type { Context } from '../context.js';
import { actOn, leaseOut } from '../lab/leases.js';
import { clockText } from '../text/clock.js';

/** Asks the holder of a device for it. */
export async function ask(context: Context): Promise<void> {
  const now = context.terminal.now();
  const asked = await actOn(context, await leaseOut(context.lab, context.positionals[0]!), 'ask');
  const until = asked.ask ? ` until ${clockText(asked.ask.until, now)}` : '';
  context.answer(asked, () => `${asked.holder.name} is asked for ${asked.deviceName}; the question stands${until}\n`);
}
