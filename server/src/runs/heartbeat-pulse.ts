import type { Heartbeat } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { DeviceEntity } from '../devices/device.entity.js';
import { Database } from '../links/database.js';
import { LiveService } from '../live/live.service.js';

/** Temperature and load, as agents say them of their own devices. */
@Injectable()
export class HeartbeatPulse {
  /** `<agentId> <deviceId>` that belong together. */
  readonly #known = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly live: LiveService,
  ) {}

  async hear(agentId: string, devices: Heartbeat['devices']): Promise<void> {
    for (const { deviceId, temperatureC, loadAverage } of devices) {
      if (temperatureC === undefined && loadAverage === undefined) continue;
      if (await this.#serves(agentId, deviceId)) this.live.beat(deviceId, { temperatureC, loadAverage });
    }
  }

  async #serves(agentId: string, deviceId: string): Promise<boolean> {
    const key = `${agentId} ${deviceId}`;
    if (this.#known.has(key)) return true;
    const serves = await this.database.reader.getRepository(DeviceEntity).existsBy({ id: deviceId, agentId });
    if (serves) this.#known.add(key);
    return serves;
  }
}
