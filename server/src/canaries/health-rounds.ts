import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { Database } from '../links/database.js';
import { CanaryService } from './canary.service.js';
import { checkValidMs } from './health-rules.js';

/** What of some devices may be measured on now. */
export interface HealthRound {
  readonly ready: string[];
  /** A check is under way or waits for the device; `checked` tells. */
  readonly waiting: string[];
  readonly refused: Array<{ deviceId: string; code: 'device.unknown' | 'device.quarantined'; message: string }>;
}

/** Health check first: whoever measures on many devices for long asks here before. */
@Injectable()
export class HealthRounds {
  readonly checked: CanaryService['checked'];

  constructor(
    private readonly database: Database,
    private readonly canaries: CanaryService,
  ) {
    this.checked = canaries.checked;
  }

  /**
   * Submits a check where the last good one is too old. `owner`: whose work it is for; a check for them starts on a device that they hold, any other waits until
   * the hold ends. A device that cannot run the canary is ready: nothing speaks against it.
   */
  async ensureHealthy(deviceIds: readonly string[], owner?: string, nowMs = Date.now()): Promise<HealthRound> {
    const round: HealthRound = { ready: [], waiting: [], refused: [] };
    const rows = await this.database.reader.getRepository(DeviceEntity).findBy({ id: In([...deviceIds]) });
    for (const deviceId of new Set(deviceIds)) {
      const device = rows.find(({ id }) => id === deviceId);
      if (!device || device.state === 'retired') {
        const message = 'there is no such device any more';
        round.refused.push({ deviceId, code: 'device.unknown', message });
      } else if (device.quarantine !== null) {
        const { reason } = device.quarantine;
        const message = `${device.name} is in quarantine: ${reason}; \`hilltop device return ${device.name}\` puts it back`;
        round.refused.push({ deviceId, code: 'device.quarantined', message });
      } else if (await this.#isKnown(deviceId, nowMs)) round.ready.push(deviceId);
      else {
        await this.canaries.check(deviceId, owner === undefined ? {} : { owner });
        round.waiting.push(deviceId);
      }
    }
    return round;
  }

  /** The last check that was not cancelled is recent, and good or impossible. */
  async #isKnown(deviceId: string, nowMs: number): Promise<boolean> {
    const last = (await this.canaries.history(deviceId)).find(({ state }) => state !== 'cancelled');
    if (!last || last.endedAt === null || Date.parse(last.endedAt) < nowMs - checkValidMs) return false;
    return last.state === 'unsupported' || last.healthy === true;
  }
}
