import type { Instant } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import { Signal } from '../links/signal.js';
import { ReservationEntity } from './reservation.entity.js';

/** Whose a device is for now. */
export interface DeviceHold {
  /** `ownerOf` an actor: id of a user, or of a pipeline's token. */
  readonly owner: string;
  readonly name: string;
  /** Granted and not taken yet: the end of the time to take it. */
  readonly until: Instant;
  readonly leaseId: string;
}

/** What others must know of leases: who may use a device now. */
@Injectable()
export class LeaseBook {
  /** Devices that got another holder, or none; told after the commit. */
  readonly changed = new Signal<{ deviceIds: string[] }>();

  /** Holds by device, as `manager` sees them; a device without an entry is free for everybody. */
  async holds(manager: EntityManager, deviceIds: readonly string[]): Promise<Map<string, DeviceHold>> {
    if (deviceIds.length === 0) return new Map();
    const rows = await manager.findBy(ReservationEntity, {
      deviceId: In([...deviceIds]),
      state: In(['granted', 'held']),
    });
    return new Map(
      rows.map(({ id, deviceId, owner, name, until }) => [deviceId!, { owner, name, until: until!, leaseId: id }]),
    );
  }
}
