import type { EnvironmentChange } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { In, IsNull, Not } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { Database } from '../links/database.js';
import { RunEntity } from '../runs/run.entity.js';
import { environmentChanges, type ToldEnvironment } from './environment-changes.js';
import { GateService } from './gate.service.js';
import { SweepNights } from './sweep-nights.js';

/** SQLite takes 32,766 parameters; so many ids at a time. */
const chunk = 5_000;

/** What changed on the devices between two nights, from what their runs tell. */
@Injectable()
export class EnvironmentService {
  constructor(
    private readonly database: Database,
    private readonly gates: GateService,
    private readonly sweeps: SweepNights,
  ) {}

  /** The gate's sweep against `since`, or the baseline's sweep. Throws `gate.unknown`. */
  async since(gateId: string, since: string | undefined): Promise<EnvironmentChange[]> {
    const gate = await this.gates.show(gateId);
    return environmentChanges(await this.#told(since ?? gate.baselineSweepId), await this.#told(gate.sweepId));
  }

  async #told(sweepId: string): Promise<ToldEnvironment[]> {
    const jobIds = (await this.sweeps.trials(sweepId)).map(({ jobId }) => jobId);
    const { manager } = this.database.reader;
    const runs: RunEntity[] = [];
    for (let i = 0; i < jobIds.length; i += chunk)
      runs.push(
        ...(await manager.find(RunEntity, {
          select: { id: true, deviceId: true, environment: true },
          where: { jobId: In(jobIds.slice(i, i + chunk)), state: 'succeeded', environment: Not(IsNull()) },
        })),
      );
    const ids = [...new Set(runs.map(({ deviceId }) => deviceId))];
    const names = new Map((await manager.findBy(DeviceEntity, { id: In(ids) })).map(({ id, name }) => [id, name]));
    return runs.map(({ deviceId, environment }) => ({
      deviceId,
      deviceName: names.get(deviceId) ?? deviceId,
      environment: environment!,
    }));
  }
}
