import { DeviceHealth, HealthCheck } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findDevice } from '../lab/find.js';
import { followJob } from '../lab/follow-job.js';
import type { ExitStatus } from '../shell/exit-status.js';
import { healthText } from '../text/health-text.js';

/** Has the lab check a device; with --wait exits 0 when it is healthy, 1 when it is not, 3 when nothing was found out. */
export async function deviceCheck(context: Context): Promise<ExitStatus> {
  const { lab, terminal, style } = context;
  const device = await findDevice(lab, context.positionals[0]!);
  const check = await lab.post(`/api/v1/devices/${device.id}/check`, {}, HealthCheck);
  if (!context.options.flag('wait')) {
    context.answer(
      check,
      () => `${check.jobId} checks ${device.name}; its result: hilltop device health ${device.name}\n`,
    );
    return 0;
  }
  await followJob(lab, check.jobId, terminal);
  const health = await settledHealth(context, device.id, check.id);
  const done = health.checks.find(({ id }) => id === check.id) ?? check;
  context.answer(done, () => healthText(health, style, terminal.now()));
  return done.healthy === undefined ? 3 : done.healthy ? 0 : 1;
}

/** The lab judges a check right after its job has ended; this asks until it has. */
async function settledHealth({ lab }: Context, deviceId: string, checkId: string): Promise<DeviceHealth> {
  for (let tries = 0; ; tries++) {
    const health = await lab.get(`/api/v1/devices/${deviceId}/health`, DeviceHealth);
    const check = health.checks.find(({ id }) => id === checkId);
    if (check?.state !== 'waiting' || tries >= 20) return health;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
