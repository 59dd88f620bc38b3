import {
  type Change,
  type Device,
  type DeviceReport,
  DeviceUpdate,
  LabError,
  type Labels,
  type Quarantine,
  type Selector,
  selects,
} from '@hilltop/contracts';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type EntityManager, In, Not } from 'typeorm';
import { newId } from '../ids.js';
import { Database } from '../links/database.js';
import { Signal } from '../links/signal.js';
import { LiveService } from '../live/live.service.js';
import { CoolDowns } from './cool-downs.js';
import { DeviceEntity } from './device.entity.js';
import { freeName } from './device-names.js';
import { deviceView } from './device-view.js';

/** Devices as people see them. What a device is doing is decided by `runs`. */
@Injectable()
export class DeviceService implements OnModuleInit {
  /** A device left for good; announced inside the transaction that says so is committed. */
  readonly retired = new Signal<{ deviceId: string; agentId: string }>();

  /** A device went out of rotation, or came back; told after the commit. */
  readonly rotated = new Signal<{ deviceId: string }>();

  /** Devices as screens are told of them, each time something of them changed. */
  readonly told = new Signal<readonly Device[]>();

  constructor(
    private readonly database: Database,
    private readonly live: LiveService,
    private readonly coolDowns: CoolDowns,
  ) {}

  async onModuleInit(): Promise<void> {
    // Nobody has said hello to this process yet.
    await this.database.write(
      (manager) =>
        manager.update(
          DeviceEntity,
          { state: Not(In(['retired', 'offline'])) },
          { state: 'offline', stateReason: 'the lab has started; waiting for its agent' },
        ),
      { label: 'devices.start' },
    );
    this.live.register('device', {
      load: async (ids) => {
        const rows = await this.#rows({ id: In([...ids]) });
        this.told.emit(rows.map((row) => this.view(row)));
        return rows.map(this.#change);
      },
      list: async (topic) => {
        if (topic === 'lab') return (await this.#rows({})).map(this.#change);
        return topic.startsWith('device/') ? (await this.#rows({ id: topic.slice(7) })).map(this.#change) : [];
      },
    });
  }

  /** Devices with all these labels, by name; retired ones are left out. */
  async list(labels: Labels): Promise<Device[]> {
    return this.select({ devices: [], labels });
  }

  /** Devices that are meant. Throws `device.unknown` for a name nobody has. */
  async select(selector: Selector): Promise<Device[]> {
    const devices = (await this.#rows({})).map((row) => this.view(row));
    const unknown = selector.devices.find((wanted) => !devices.some((d) => d.id === wanted || d.name === wanted));
    if (unknown !== undefined) throw unknownDevice(unknown);
    return devices.filter((device) => selects(selector, device));
  }

  /** By id or name. Throws `device.unknown`. */
  async find(idOrName: string): Promise<DeviceEntity> {
    const rows = await this.#rows([{ id: idOrName }, { name: idOrName }]);
    const row = rows.find((r) => r.id === idOrName) ?? rows[0];
    if (!row) throw unknownDevice(idOrName);
    return row;
  }

  /** A device as it is told outside. */
  view(row: DeviceEntity): Device {
    return deviceView(row, this.coolDowns);
  }

  /** Whether the agent has a device that is not retired. */
  async serves(agentId: string): Promise<boolean> {
    return (await this.#rows({ agentId })).length > 0;
  }

  /** New name or labels. Throws `device.unknown`, `request.conflict`. */
  async update(idOrName: string, update: DeviceUpdate): Promise<Device> {
    const { id } = await this.find(idOrName);
    const row = await this.database.write(
      async (manager) => {
        if (update.name !== undefined && (await manager.existsBy(DeviceEntity, { name: update.name, id: Not(id) }))) {
          throw new LabError('request.conflict', `there is already a device named ${update.name}; choose another name`);
        }
        await manager.update(
          DeviceEntity,
          { id },
          {
            ...(update.name !== undefined && { name: update.name }),
            ...(update.labels && { ownLabels: update.labels }),
          },
        );
        this.database.afterCommit(() => this.live.touch('device', id));
        return manager.findOneByOrFail(DeviceEntity, { id });
      },
      { label: 'device.update' },
    );
    return this.view(row);
  }

  /** Takes a device out for good; its runs stay. Its name becomes free. Throws `device.unknown`, `device.in-use`. */
  async retire(idOrName: string): Promise<void> {
    const { id } = await this.find(idOrName);
    await this.database.write(
      async (manager) => {
        const row = await manager.findOneByOrFail(DeviceEntity, { id });
        if (row.currentRunId !== null)
          throw new LabError('device.in-use', `${row.name} is measuring; cancel its job first`, {
            runId: row.currentRunId,
          });
        const name = `${row.name.slice(0, 70)} retired ${id.slice(-6)}`;
        await manager.update(DeviceEntity, { id }, { name, state: 'retired', stateReason: 'retired by a person' });
        this.database.afterCommit(() => {
          this.live.removed('device', id, ['lab', `device/${id}`]);
          this.retired.emit({ deviceId: id, agentId: row.agentId });
        });
      },
      { label: 'device.retire' },
    );
  }

  /** Something of it was changed by another noun, in this transaction. */
  changed(id: string): void {
    this.database.afterCommit(() => this.live.touch('device', id));
  }

  /** Takes a device out of rotation, or (null) puts it back; `healthySince`: and forgets what was before. Within a transaction or not. */
  async rotate(id: string, quarantine: Quarantine | null, healthySince?: string): Promise<void> {
    await this.database.write(
      async (manager) => {
        await manager.update(DeviceEntity, { id }, { quarantine, ...(healthySince && { healthySince }) });
        this.database.afterCommit(() => {
          this.live.touch('device', id);
          this.rotated.emit({ deviceId: id });
        });
      },
      { label: 'device.rotate' },
    );
  }

  /**
   * Takes over what an agent reports; a device keeps its id for as long as agent and key are the same.
   * Within a transaction. Answers with all rows of the reports.
   */
  async report(
    manager: EntityManager,
    agent: { id: string; version: string; labels: Labels },
    reports: readonly DeviceReport[],
    at: string,
  ): Promise<DeviceEntity[]> {
    const known = new Map((await manager.findBy(DeviceEntity, { agentId: agent.id })).map((row) => [row.key, row]));
    const taken = new Set((await manager.find(DeviceEntity, { select: { name: true } })).map((row) => row.name));
    const rows: DeviceEntity[] = [];
    for (const report of reports) {
      const old = known.get(report.key);
      const { floor, facts, kind, type, emulated, labels } = report;
      const reported = {
        kind,
        type,
        emulated,
        facts,
        reportedLabels: labels,
        agentVersion: agent.version,
        lastSeenAt: at,
        ...(floor && { floor }),
      };
      if (old) {
        await manager.update(DeviceEntity, { id: old.id }, reported);
        rows.push({ ...old, ...reported });
        continue;
      }
      const row = manager.create(DeviceEntity, {
        ...reported,
        id: newId('dev'),
        agentId: agent.id,
        key: report.key,
        name: freeName(report.name, taken),
        ownLabels: agent.labels,
        state: 'preparing',
        stateReason: null,
        floor: floor ?? null,
        fence: 0,
        currentRunId: null,
        queued: 0,
        quarantine: null,
        healthySince: null,
        createdAt: at,
      });
      taken.add(row.name);
      await manager.insert(DeviceEntity, row);
      rows.push(row);
    }
    return rows;
  }

  readonly #change = (row: DeviceEntity): Change => ({ kind: 'device', id: row.id, value: this.view(row) });

  async #rows(where: object | object[]): Promise<DeviceEntity[]> {
    const each = (Array.isArray(where) ? where : [where]).map((one: object) => ({
      ...one,
      state: Not('retired' as const),
    }));
    return this.database.reader.getRepository(DeviceEntity).find({ where: each, order: { name: 'ASC' } });
  }
}

function unknownDevice(name: string): LabError {
  return new LabError('device.unknown', `there is no device ${JSON.stringify(name)}; \`hilltop devices\` lists them`, {
    device: name,
  });
}
