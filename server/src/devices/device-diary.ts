import type { Device, DeviceState } from '@hilltop/contracts';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { Database } from '../links/database.js';
import { LOG, type Log } from '../log.js';
import { DeviceService } from './device.service.js';
import { DeviceChangeEntity } from './device-change.entity.js';

/** So long changes are kept. */
const keptMs = 90 * 86_400_000;

/** What of a device's state is worth remembering: at work it is simply here. Pure. */
export const stayOf = (state: DeviceState): DeviceState =>
  state === 'busy' || state === 'cooling' ? 'available' : state;

/** Remembers when devices come, go and leave the rotation: what screens are told of a device is what is kept of it. */
@Injectable()
export class DeviceDiary implements OnModuleInit, OnApplicationShutdown {
  readonly #log: Log;
  /** The newest change of each device that was looked at. */
  readonly #last = new Map<string, DeviceState>();
  #work: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly devices: DeviceService,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'device-diary' });
  }

  onModuleInit(): void {
    this.devices.told.listen((devices) => this.note(devices, new Date().toISOString()));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.settled();
  }

  /** Resolves when everything that was heard is kept. */
  async settled(): Promise<void> {
    await this.#work;
  }

  note(devices: readonly Device[], at: string): void {
    // Most of what is told of a device changes nothing here, and costs no look at the database.
    const perhaps = devices.filter(({ id, state }) => this.#last.get(id) !== stayOf(state));
    if (perhaps.length === 0) return;
    this.#work = this.#work
      .then(() => this.#keep(perhaps, at))
      .catch((error: unknown) => this.#log.error({ err: error }, 'changes of devices were not kept'));
  }

  async #keep(devices: readonly Device[], at: string): Promise<void> {
    await this.database.write(
      async (manager) => {
        for (const { id: deviceId, state, stateReason, quarantine } of devices) {
          const stay = stayOf(state);
          const last =
            this.#last.get(deviceId) ??
            (await manager.findOne(DeviceChangeEntity, { where: { deviceId }, order: { seq: 'DESC' } }))?.state;
          this.#last.set(deviceId, stay);
          if (last === stay) continue;
          const isOut = stay === 'quarantined' || stay === 'maintenance';
          await manager.insert(DeviceChangeEntity, {
            ...{ deviceId, at: isOut ? (quarantine?.since ?? at) : at, state: stay },
            ...{ reason: stay === 'available' ? null : (stateReason ?? null) },
            by: isOut ? (quarantine?.by ?? null) : null,
          });
          const before = new Date(Date.parse(at) - keptMs).toISOString();
          await manager.delete(DeviceChangeEntity, { deviceId, at: LessThan(before) });
        }
      },
      { label: 'device.diary' },
    );
  }
}
