import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceState, Reservation, Reserve } from '@hilltop/contracts';
import type { Actor } from '../../access/actor.js';
import { type Config, readConfig } from '../../config.js';
import { CoolDowns } from '../../devices/cool-downs.js';
import { DeviceEntity } from '../../devices/device.entity.js';
import { DeviceService } from '../../devices/device.service.js';
import { LabIdentity } from '../../lab/lab-identity.js';
import { Database } from '../../links/database.js';
import { LiveService } from '../../live/live.service.js';
import { createLog } from '../../log.js';
import { LeaseService } from '../lease.service.js';
import { LeaseBook } from '../lease-book.js';
import { LeaseStore } from '../lease-store.js';
import { LeaseWork } from '../lease-work.js';
import { ReservationEntity } from '../reservation.entity.js';

/** A person who may use devices. */
export const actor = (name: string, role: Actor['role'] = 'operator'): Actor => ({
  tokenId: `tok_${name.toLowerCase().padStart(8, '0')}`,
  userId: `usr_${name.toLowerCase().padStart(8, '0')}`,
  role,
  name,
});

const facts = { cpuFeatures: [], cores: 2, memoryBytes: 1, arch: 'x64', os: 'test', runtimes: [], evidence: [] };

/** Leases over a real database; time stands still until `pass` is called. Devices are there once `devices` made them. */
export class LeaseBench {
  readonly work = new LeaseWork();
  readonly book = new LeaseBook();
  readonly devices: DeviceService;
  readonly live: LiveService;
  readonly store: LeaseStore;
  readonly leases: LeaseService;
  /** Devices whose holder changed, as they were told. */
  readonly told: string[][] = [];

  private constructor(
    readonly folder: string,
    readonly database: Database,
    private time: { now: number },
    config: Config,
  ) {
    const log = createLog('silent');
    this.live = new LiveService(LabIdentity.load(folder), log);
    this.devices = new DeviceService(database, this.live, new CoolDowns(this.live));
    this.store = new LeaseStore(this.devices, this.work, config);
    this.leases = new LeaseService(database, this.devices, this.store, this.book, this.live, () => time.now, log);
    this.book.changed.listen(({ deviceIds }) => this.told.push(deviceIds));
  }

  /** `earlier`: a bench that was stopped; its data and its time go on. */
  static async start(earlier?: LeaseBench): Promise<LeaseBench> {
    const folder = earlier?.folder ?? mkdtempSync(join(tmpdir(), 'hilltop-leases-'));
    const time = earlier?.time ?? { now: Date.parse('2026-03-01T12:00:00.000Z') };
    const database = await Database.open(join(folder, 'hilltop.db'), createLog('silent'));
    const config = readConfig(['--data', folder], {});
    const bench = new LeaseBench(folder, database, time, config);
    await bench.devices.onModuleInit();
    bench.leases.onModuleInit();
    await bench.leases.restart();
    return bench;
  }

  get now(): number {
    return this.time.now;
  }

  async add(name: string, rack = name[0]!): Promise<void> {
    await this.database.write((manager) =>
      manager.insert(DeviceEntity, {
        id: `dev_${name.padStart(8, '0')}`,
        agentId: `agent-${name}`,
        key: name,
        name,
        kind: 'host',
        type: 'bench',
        emulated: false,
        agentVersion: '1.0.0',
        reportedLabels: { rack },
        ownLabels: {},
        state: 'available',
        facts,
        createdAt: '2026-01-01T00:00:00.000Z',
      }),
    );
  }

  async setState(name: string, state: DeviceState): Promise<void> {
    await this.database.write((manager) => manager.update(DeviceEntity, { name }, { state }));
  }

  reserve(by: Actor, selector: Partial<Reserve['selector']>, more: Partial<Reserve> = {}): Promise<Reservation> {
    const wish = { selector: { devices: [], labels: {}, ...selector }, forSeconds: 1800, ...more };
    return this.leases.reserve(by, wish as Parameters<LeaseService['reserve']>[1]);
  }

  /** Time passes, and is looked at. */
  async pass(seconds: number): Promise<void> {
    this.time.now += seconds * 1000;
    await this.leases.sweep();
    await this.settled();
  }

  /** Nobody looks meanwhile. */
  skip(seconds: number): void {
    this.time.now += seconds * 1000;
  }

  /** Device -> name of its holder. */
  async holders(): Promise<Record<string, string>> {
    const rows = await this.database.reader.getRepository(DeviceEntity).find();
    const holds = await this.book.holds(
      this.database.reader.manager,
      rows.map(({ id }) => id),
    );
    return Object.fromEntries(
      rows.filter(({ id }) => holds.has(id)).map(({ id, name }) => [name, holds.get(id)!.name]),
    );
  }

  rows(): Promise<ReservationEntity[]> {
    return this.database.reader.getRepository(ReservationEntity).find({ order: { position: 'ASC' } });
  }

  /** Resolves when what follows a commit has been done. */
  async settled(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.database.writerQueueLength > 0);
  }

  async stop(): Promise<void> {
    this.live.onModuleDestroy();
    await this.settled();
    await this.database.close();
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
