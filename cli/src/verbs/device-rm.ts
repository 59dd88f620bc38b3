import type { Context } from '../context.js';
import { findDevice } from '../lab/find.js';

/** Retires a device and revokes the key of its agent; its runs stay. */
export async function deviceRm(context: Context): Promise<void> {
  const device = await findDevice(context.lab, context.positionals[0]!);
  await context.lab.delete(`/api/v1/devices/${device.id}`);
  context.answer(
    { retired: device.id },
    () => `${device.name} is retired and its agent's key revoked; its runs stay\n`,
  );
}
