import { DeviceHealth } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findDevice } from '../lab/find.js';
import { healthText } from '../text/health-text.js';

/** Shows the health checks of a device, and why it is in quarantine. */
export async function deviceHealth(context: Context): Promise<void> {
  const device = await findDevice(context.lab, context.positionals[0]!);
  const health = await context.lab.get(`/api/v1/devices/${device.id}/health`, DeviceHealth);
  context.answer(health, () => healthText(health, context.style, context.terminal.now()));
}
