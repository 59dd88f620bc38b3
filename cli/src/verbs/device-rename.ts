import { Device } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findDevice } from '../lab/find.js';

/** Gives a device another name. */
export async function deviceRename(context: Context): Promise<void> {
  const [wanted, name] = context.positionals as [string, string];
  const device = await findDevice(context.lab, wanted);
  const renamed = await context.lab.patch(`/api/v1/devices/${device.id}`, { name }, Device);
  context.answer(renamed, () => `${device.name} is now ${renamed.name}\n`);
}
