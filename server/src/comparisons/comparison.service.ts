import { type Comparison, type ComparisonQuery, LabError, pointKey } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { DeviceService } from '../devices/device.service.js';
import type { Candidate } from '../frontier/candidate.js';
import { Candidates } from '../frontier/candidates.js';
import { choose } from '../frontier/device-frontier.js';
import { Database } from '../links/database.js';
import { WorkerPool } from '../links/worker-pool.js';
import { ModelService } from '../models/model.service.js';
import { RunEntity } from '../runs/run.entity.js';
import type { ComparedPoint, JobRun } from './compared-point.js';
import { comparisonTask } from './comparison-task.js';

/** Points of a device against one of them, with what is chance and what is not. */
@Injectable()
export class ComparisonService {
  constructor(
    private readonly models: ModelService,
    private readonly devices: DeviceService,
    private readonly candidates: Candidates,
    private readonly database: Database,
    private readonly pool: WorkerPool,
  ) {}

  /** Throws `request.not-found`, `device.unknown`, `frontier.no-points` (naming the point that has no run there). */
  async of(modelIdOrName: string, query: ComparisonQuery): Promise<Comparison> {
    const model = await this.models.find(modelIdOrName);
    const device = await this.devices.find(query.device);
    const protocol = query.protocol ?? (await this.candidates.newestProtocol(model.id)) ?? 'standard';
    const [found] = await this.candidates.of(model.id, protocol, [device.id]);
    const all = found?.candidates ?? [];
    const chosen = new Map(choose(all, []).chosen.map((candidate) => [pointKey(candidate), candidate]));
    const missing = query.point.find((key) => !chosen.has(key));
    if (missing !== undefined)
      throw new LabError(
        'frontier.no-points',
        `no run of ${missing} has succeeded on ${device.name} under ${protocol}; measure it there, or leave it out`,
        { point: missing, device: device.id, protocol },
      );
    const runs = await this.#jobRuns(all.filter(({ verdict }) => verdict === 'clean'));
    const points = query.point.map(
      (key): ComparedPoint => ({ key, candidate: chosen.get(key)!, runs: runs.get(key) ?? [] }),
    );
    const metrics = await this.pool.run(comparisonTask, { points });
    return {
      model: model.id,
      modelName: model.name,
      device: { id: device.id, name: device.name, type: device.type, emulated: device.emulated },
      protocol,
      points: points.map(({ key, candidate }) => ({
        key,
        variant: candidate.variant,
        recipe: candidate.recipe,
        settings: candidate.settings,
        artifact: candidate.artifact,
        runs: [candidate.runId],
        verdict: candidate.verdict,
        ...(candidate.unstable !== undefined && { unstable: candidate.unstable }),
      })),
      metrics,
    };
  }

  /** Runs of each point with the job they were measured in, oldest first. */
  async #jobRuns(candidates: readonly Candidate[]): Promise<Map<string, JobRun[]>> {
    const rows = await this.database.reader.getRepository(RunEntity).find({
      select: { id: true, jobId: true, position: true },
      where: { id: In(candidates.map(({ runId }) => runId)) },
      order: { position: 'ASC' },
    });
    const byId = new Map(candidates.map((candidate) => [candidate.runId, candidate]));
    const runs = new Map<string, JobRun[]>();
    for (const { id, jobId, position } of rows) {
      const candidate = byId.get(id)!;
      const key = pointKey(candidate);
      const run = { runId: id, jobId, position: Number(position), basis: candidate.basis };
      runs.set(key, [...(runs.get(key) ?? []), run]);
    }
    return runs;
  }
}
