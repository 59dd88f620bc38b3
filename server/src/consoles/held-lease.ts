import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { LEASE_CLOCK, type LeaseClockSource } from '../leases/lease.service.js';
import { ReservationEntity } from '../leases/reservation.entity.js';
import type { ConsoleHold } from './console-rules.js';

/** The lease that is held on a device, as a transaction sees it. One that was granted and not taken is not held. */
@Injectable()
export class HeldLease {
  constructor(@Inject(LEASE_CLOCK) private readonly now: LeaseClockSource) {}

  async of(manager: EntityManager, deviceId: string): Promise<ConsoleHold | undefined> {
    const row = await manager.findOneBy(ReservationEntity, { deviceId, state: 'held' });
    // One that is over and not yet swept is over.
    if (!row || Date.parse(row.until!) <= this.now()) return undefined;
    // A lease that is handed over keeps its id: its fence tells one holding from the next.
    return { holding: `${row.id}#${row.fence}`, owner: row.owner, name: row.name };
  }
}
