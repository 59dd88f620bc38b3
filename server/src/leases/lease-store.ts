import { type DeviceState, LabError, type Selector, selects } from '@hilltop/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { type EntityManager, Not } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { DeviceEntity } from '../devices/device.entity.js';
import { DeviceService } from '../devices/device.service.js';
import { leaseOfRow, rowOfLease } from './lease-rows.js';
import type { LeaseOutcome } from './lease-rules.js';
import { active, type LeaseState, type LeaseWorld } from './lease-state.js';
import { LeaseWork } from './lease-work.js';
import { ReservationEntity } from './reservation.entity.js';

/** States in which a device is of use to somebody who wants any of its kind. */
const inRotation: ReadonlySet<DeviceState> = new Set(['preparing', 'available', 'busy', 'cooling']);

export interface LeasePicture {
  readonly state: LeaseState;
  readonly world: LeaseWorld;
}

/** Between the rules and the tables: reads what they need, writes what they say. */
@Injectable()
export class LeaseStore {
  constructor(
    private readonly devices: DeviceService,
    private readonly work: LeaseWork,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Everything that is open, as `manager` sees it. */
  async load(manager: EntityManager): Promise<LeasePicture> {
    const rows = await manager.find(ReservationEntity, {
      where: { state: Not('ended' as const) },
      order: { position: 'ASC' },
    });
    const devices = await manager.find(DeviceEntity, {
      where: { state: Not('retired' as const) },
      order: { name: 'ASC' },
    });
    const views = new Map(devices.map((row) => [row.id, this.devices.view(row)]));
    const leases = rows.map(leaseOfRow);
    const holds = leases.filter(active).map(({ holder, deviceId }) => ({ owner: holder.owner, deviceId: deviceId! }));
    const fits = (selector: Selector, deviceId: string): boolean => {
      const device = views.get(deviceId);
      return device !== undefined && selects(selector, device);
    };
    return {
      state: { leases, fences: new Map(devices.map(({ id, fence }) => [id, Number(fence)])) },
      world: {
        devices: devices.map(({ id, name, state, quarantine }) => ({
          ...{ id, name },
          ready: quarantine === null && inRotation.has(state),
        })),
        fits,
        work: await this.work.of(manager, holds),
        longestSeconds: this.config.limits.leaseSeconds,
      },
    };
  }

  /** Writes what changed, each row only if it is as it was read. Throws `lease.changed`. */
  async save(manager: EntityManager, before: LeaseState, { state, changed }: LeaseOutcome): Promise<void> {
    const known = new Map(before.leases.map((lease) => [lease.id, lease.revision]));
    // What ends goes first: its device may have a new holder in the same breath.
    for (const lease of [...changed].sort((a, b) => Number(b.state === 'ended') - Number(a.state === 'ended'))) {
      const row = rowOfLease(lease);
      const revision = known.get(lease.id);
      if (revision === undefined) {
        await manager.insert(ReservationEntity, row);
        continue;
      }
      const { affected } = await manager.update(ReservationEntity, { id: lease.id, revision }, row);
      if (affected !== 1)
        throw new LabError('lease.changed', 'somebody else was faster; look at it and decide again', {
          leaseId: lease.id,
        });
    }
    for (const [id, fence] of state.fences)
      if (fence !== before.fences.get(id)) await manager.update(DeviceEntity, { id }, { fence });
  }
}
