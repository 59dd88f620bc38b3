import type { BaselineFrontier, BaselineFrontierQuery } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { FrontierService } from '../frontier/frontier.service.js';
import { objectivesOf } from '../frontier/objectives.js';
import { ModelService } from '../models/model.service.js';
import { BaselineService } from './baseline.service.js';
import { NightRuns } from './night-runs.js';

/** Frontiers as they were when a baseline was measured. */
@Injectable()
export class BaselineFrontiers {
  constructor(
    private readonly baselines: BaselineService,
    private readonly runs: NightRuns,
    private readonly models: ModelService,
    private readonly frontiers: FrontierService,
  ) {}

  /** Throws `baseline.unknown`, `sweep.unknown`, `sweep.not-ended`, `request.not-found`, `request.invalid`. */
  async of(idOrName: string, query: BaselineFrontierQuery): Promise<BaselineFrontier> {
    const baseline = await this.baselines.show(idOrName);
    const night = await this.baselines.ended(baseline.sweepId);
    const model = await this.models.find(query.model);
    const objectives = objectivesOf(query, {
      ...(model.qualityMetric !== null && { qualityMetric: model.qualityMetric }),
    });
    const runIds = (await this.runs.of(night)).flatMap((run) => (run.modelId === model.id ? [run.id] : []));
    const devices =
      runIds.length === 0
        ? []
        : await this.frontiers.ofRuns(model.id, runIds, { protocol: night.protocol, objectives });
    return { baseline, at: night.at, model: model.id, protocol: night.protocol, objectives, devices };
  }
}
