import { settingsKey } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { Database } from '../links/database.js';
import { ModelEntity } from '../models/model.entity.js';
import { RunEntity } from '../runs/run.entity.js';
import { SummaryEntity } from '../summaries/summary.entity.js';
import { type MeasuredRun, placeKey } from './measured-run.js';
import { type SweepNight, SweepNights } from './sweep-nights.js';

/** SQLite takes 32,766 parameters; so many ids at a time. */
const chunk = 5_000;

/** The runs of a sweep with what their summaries rest on. */
@Injectable()
export class NightRuns {
  constructor(
    private readonly database: Database,
    private readonly sweeps: SweepNights,
  ) {}

  /** Succeeded runs under the sweep's own protocol, oldest first. */
  async of(night: SweepNight): Promise<MeasuredRun[]> {
    const trials = await this.sweeps.trials(night.id);
    const controls = new Set(trials.filter(({ control }) => control).map(({ jobId }) => jobId));
    const { manager } = this.database.reader;
    const runs: RunEntity[] = [];
    for (const jobIds of chunks([...new Set(trials.map(({ jobId }) => jobId))]))
      runs.push(...(await manager.find(RunEntity, { where: { jobId: In(jobIds), state: 'succeeded' } })));
    const counted = runs
      .filter((run) => run.protocol.name === night.protocol)
      .sort((a, b) => Number(a.position) - Number(b.position));
    const summaries = new Map<string, SummaryEntity>();
    for (const ids of chunks(counted.map(({ id }) => id)))
      for (const summary of await manager.findBy(SummaryEntity, { runId: In(ids) }))
        summaries.set(summary.runId, summary);
    const names = async (entity: typeof DeviceEntity | typeof ModelEntity, ids: readonly string[]) =>
      new Map((await manager.findBy(entity, { id: In([...new Set(ids)]) })).map(({ id, name }) => [id, name]));
    const devices = await names(
      DeviceEntity,
      counted.map(({ deviceId }) => deviceId),
    );
    const models = await names(
      ModelEntity,
      counted.map(({ modelId }) => modelId),
    );
    return withControls(
      counted.flatMap((run): MeasuredRun[] => {
        const summary = summaries.get(run.id);
        if (!summary) return [];
        return [
          {
            id: run.id,
            modelId: run.modelId,
            modelName: models.get(run.modelId) ?? run.modelId,
            recipe: run.recipe,
            settings: run.settings,
            deviceId: run.deviceId,
            deviceName: devices.get(run.deviceId) ?? run.deviceId,
            protocol: run.protocol.name,
            key: summary.key,
            ...(run.artifactSha256 !== null && { artifactSha256: run.artifactSha256 }),
            ...(run.evaluationSha256 !== null && { evaluationSha256: run.evaluationSha256 }),
            verdict: summary.verdict.verdict,
            control: controls.has(run.jobId),
            metrics: summary.metrics,
            basis: summary.basis,
          },
        ];
      }),
      night.control,
    );
  }
}

function chunks<T>(items: readonly T[]): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < items.length; i += chunk) out.push(items.slice(i, i + chunk));
  return out;
}

/** Where no run was measured as the control, the control's recipe is it, under the settings that came first. */
export function withControls(runs: readonly MeasuredRun[], recipe: string): MeasuredRun[] {
  const has = new Set(runs.filter(({ control }) => control).map(placeKey));
  const chosen = new Map<string, string>();
  for (const run of runs)
    if (run.recipe === recipe && !chosen.has(placeKey(run))) chosen.set(placeKey(run), settingsKey(run.settings));
  return runs.map((run) =>
    !has.has(placeKey(run)) && run.recipe === recipe && chosen.get(placeKey(run)) === settingsKey(run.settings)
      ? { ...run, control: true }
      : run,
  );
}
