import type { DeviceState } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { LiveService } from '../live/live.service.js';

/** Devices that cool down before the run they are taken by, as their agents say. For screens only: never stored, and nothing is decided by it. */
@Injectable()
export class CoolDowns {
  readonly #devices = new Set<string>();

  constructor(private readonly live: LiveService) {}

  set(deviceId: string, cools: boolean): void {
    if (cools === this.#devices.has(deviceId)) return;
    if (cools) this.#devices.add(deviceId);
    else this.#devices.delete(deviceId);
    this.live.touch('device', deviceId);
  }

  /** The state of a device as it is told outside. */
  state({ id, state }: { readonly id: string; readonly state: DeviceState }): DeviceState {
    return state === 'busy' && this.#devices.has(id) ? 'cooling' : state;
  }
}
