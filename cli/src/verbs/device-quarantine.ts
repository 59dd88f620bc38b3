import { Device } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findDevice } from '../lab/find.js';

/** Takes a device out of rotation. */
export async function deviceQuarantine(context: Context): Promise<void> {
  const reason = context.options.required('reason', '--reason TEXT');
  const device = await findDevice(context.lab, context.positionals[0]!);
  const after = await context.lab.post(`/api/v1/devices/${device.id}/quarantine`, { reason }, Device);
  context.answer(
    after,
    () => `${device.name} is in quarantine: ${reason}; \`hilltop device return ${device.name}\` puts it back\n`,
  );
}
