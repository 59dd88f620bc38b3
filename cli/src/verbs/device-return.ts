import { Device } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findDevice } from '../lab/find.js';

/** Puts a device back into rotation. */
export async function deviceReturn(context: Context): Promise<void> {
  const device = await findDevice(context.lab, context.positionals[0]!);
  const path = `/api/v1/devices/${device.id}`;
  await context.lab.delete(`${path}/quarantine`);
  const after = await context.lab.get(path, Device);
  context.answer(after, () => `${device.name} is back in rotation: ${after.state}\n`);
}
