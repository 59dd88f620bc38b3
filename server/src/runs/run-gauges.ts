import { type DeviceState, deviceStates } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { DeviceEntity } from '../devices/device.entity.js';
import { MetricsService } from '../health/metrics.service.js';
import { Database } from '../links/database.js';
import { ClaimClock } from './claim-clock.js';
import { OutboxEntity } from './outbox.entity.js';

/** As it is told outside, but that nothing here knows who cools. */
const stateOf = ({ state, quarantine }: DeviceEntity): DeviceState =>
  state === 'available' && quarantine !== null ? 'quarantined' : state;

/** What is read when `/metrics` is asked for. */
@Injectable()
export class RunGauges {
  constructor(metrics: MetricsService, database: Database, claims: ClaimClock) {
    const registers = [metrics.registry];
    const devices: Gauge<'state'> = new Gauge({
      name: 'hilltop_devices',
      help: 'Devices by state',
      labelNames: ['state'],
      registers,
      collect: async () => {
        const rows = await database.reader
          .getRepository(DeviceEntity)
          .find({ select: { state: true, quarantine: true } });
        for (const state of deviceStates) devices.set({ state }, rows.filter((row) => stateOf(row) === state).length);
      },
    });
    const outbox: Gauge = new Gauge({
      name: 'hilltop_outbox_pending',
      help: 'Messages that wait for their agent',
      registers,
      collect: async () => outbox.set(await database.reader.getRepository(OutboxEntity).count()),
    });
    const held: Gauge = new Gauge({
      name: 'hilltop_claims',
      help: 'Claims that agents hold',
      registers,
      collect: () => held.set(claims.size),
    });
  }
}
