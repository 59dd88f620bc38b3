import {
  type Gate,
  isLabError,
  LabError,
  type Report,
  type ReportFrontier,
  type Sweep,
  type Trial,
} from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { FrontierService } from '../frontier/frontier.service.js';
import { GateService } from '../gates/gate.service.js';
import { LabIdentity } from '../lab/lab-identity.js';
import { Database } from '../links/database.js';
import { RunEntity } from '../runs/run.entity.js';
import { SweepEntity } from '../sweeps/sweep.entity.js';
import { SweepService } from '../sweeps/sweep.service.js';
import { TrialEntity } from '../sweeps/trial.entity.js';
import { version } from '../version.js';
import { reportDevices } from './report-devices.js';

/** Trials that a report lists; a page with more could not be read. */
const mostTrials = 2_000;
/** SQLite takes 32,766 parameters; so many ids at a time. */
const chunk = 5_000;

/** Collects what reports say. */
@Injectable()
export class ReportService {
  constructor(
    private readonly database: Database,
    private readonly sweeps: SweepService,
    private readonly gates: GateService,
    private readonly frontiers: FrontierService,
    private readonly identity: LabIdentity,
  ) {}

  /**
   * Of a sweep, by id or the newest of that name, with a gate of it: the named one, or its newest where it has any.
   * Throws `sweep.unknown`, `gate.unknown`.
   */
  async ofSweep(idOrName: string, gateId?: string): Promise<Report> {
    const sweep = await this.sweeps.show(await this.#sweepId(idOrName));
    const gate = gateId === undefined ? await this.#newestGate(sweep.id) : await this.gates.show(gateId);
    if (gate && gate.sweepId !== sweep.id)
      throw new LabError('gate.unknown', `gate ${gate.id} is of sweep ${gate.sweepId}, not of ${sweep.id}`, {
        gate: gate.id,
        sweep: gate.sweepId,
      });
    return this.#report(sweep, gate);
  }

  /** Throws `gate.unknown`. */
  async ofGate(id: string): Promise<Report> {
    const gate = await this.gates.show(id);
    const sweep = await this.sweeps.show(gate.sweepId).catch((error: unknown) => {
      // A gate stays as it was found, whatever becomes of its sweep.
      if (isLabError(error, 'sweep.unknown')) return undefined;
      throw error;
    });
    return this.#report(sweep, gate);
  }

  async #report(sweep: Sweep | undefined, gate: Gate | undefined): Promise<Report> {
    const trials = sweep ? await this.sweeps.trials(sweep.id) : [];
    return {
      title: sweep?.name ?? gate!.sweepName,
      lab: { id: this.identity.labId, version },
      createdAt: new Date().toISOString(),
      ...(sweep && { sweep }),
      ...(gate && { gate }),
      frontiers: sweep ? await this.#frontiersOf(sweep, trials, gate) : [],
      trials: trials.slice(0, mostTrials),
      trialsLeftOut: Math.max(0, trials.length - mostTrials),
      devices: await this.#devicesOf(trials),
    };
  }

  async #frontiersOf(sweep: Sweep, trials: readonly Trial[], gate: Gate | undefined): Promise<ReportFrontier[]> {
    const { protocol, constraints } = sweep.file;
    const row = await this.database.reader.getRepository(SweepEntity).findOneBy({ id: sweep.id });
    const before = gate ? await this.#trialRuns(gate.baselineSweepId) : [];
    const modelIds = [...new Set(trials.map(({ modelId }) => modelId))];
    const names = new Map(sweep.places.map(({ modelId, modelName }) => [modelId, modelName]));
    const found = await Promise.all(
      modelIds.map(async (modelId): Promise<ReportFrontier[]> => {
        const objectives = [...(row?.plan.objectives[modelId] ?? sweep.objectives)];
        if (objectives.length < 2) return [];
        const wish = { protocol, objectives, constraints };
        const runIds = trials.flatMap((trial) =>
          trial.modelId === modelId && trial.state === 'succeeded' && trial.runId !== undefined ? [trial.runId] : [],
        );
        const [now, earlier] = await Promise.all([
          this.frontiers.ofRuns(modelId, runIds, wish),
          this.frontiers.ofRuns(modelId, before, wish),
        ]);
        return now.map((frontier) => {
          const then = earlier.find(({ device }) => device.id === frontier.device.id);
          return {
            modelId,
            modelName: names.get(modelId) ?? modelId,
            protocol,
            objectives,
            constraints,
            frontier,
            ...(then && { before: then }),
          };
        });
      }),
    );
    return found.flat();
  }

  async #trialRuns(sweepId: string): Promise<string[]> {
    const rows = await this.database.reader.getRepository(TrialEntity).find({
      select: { runId: true, number: true },
      where: { sweepId, state: 'succeeded' },
      order: { number: 'ASC' },
    });
    return rows.flatMap(({ runId }) => runId ?? []);
  }

  /** Of every run that trials began, also the disturbed ones that were done again. */
  async #devicesOf(trials: readonly Trial[]): Promise<Report['devices']> {
    const { manager } = this.database.reader;
    const jobIds = [...new Set(trials.flatMap(({ jobId }) => jobId ?? []))];
    const runs: RunEntity[] = [];
    for (let i = 0; i < jobIds.length; i += chunk)
      runs.push(...(await manager.find(RunEntity, { where: { jobId: In(jobIds.slice(i, i + chunk)) } })));
    const deviceIds = [...new Set(trials.map(({ deviceId }) => deviceId))];
    return reportDevices(await manager.findBy(DeviceEntity, { id: In(deviceIds) }), runs);
  }

  async #newestGate(sweep: string): Promise<Gate | undefined> {
    const [newest] = (await this.gates.list({ sweep, limit: 1 })).items;
    return newest && this.gates.show(newest.id);
  }

  /** Of a name the newest; what is neither is for `show` to refuse. */
  async #sweepId(idOrName: string): Promise<string> {
    const sweeps = this.database.reader.getRepository(SweepEntity);
    if (await sweeps.existsBy({ id: idOrName })) return idOrName;
    const named = await sweeps.findOne({
      select: { id: true, position: true },
      where: { name: idOrName },
      order: { position: 'DESC' },
    });
    return named?.id ?? idOrName;
  }
}
