import {
  type DeviceFrontier,
  type Frontier,
  type Guide,
  type GuideAdvice,
  type GuideDevice,
  type GuideEntry,
  LabError,
  type MetricId,
  type ProtocolName,
  recommend,
  shipText,
  techniquesOf,
} from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { Candidates, type DeviceCandidates } from '../frontier/candidates.js';
import { FrontierService } from '../frontier/frontier.service.js';
import { LabIdentity } from '../lab/lab-identity.js';
import { Database } from '../links/database.js';
import { WorkerPool } from '../links/worker-pool.js';
import type { ModelEntity } from '../models/model.entity.js';
import { ModelService } from '../models/model.service.js';
import { VariantEntity } from '../variants/variant.entity.js';
import { version } from '../version.js';
import { gapsOf } from './guide-gaps.js';
import { guideTask } from './guide-task.js';

/** What people ship for, most asked first: each is a recommendation of its own. */
const wishes = ['latency_p50_ms', 'size_bytes', 'memory_peak_bytes', 'arena_bytes', 'energy_mj'] as const;
/** As the dashboard asks unless told otherwise. */
const within = 0.005;

/** Guides: what each technique bought, from this lab's own results. */
@Injectable()
export class GuideService {
  constructor(
    private readonly database: Database,
    private readonly models: ModelService,
    private readonly frontiers: FrontierService,
    private readonly candidates: Candidates,
    private readonly pool: WorkerPool,
    private readonly identity: LabIdentity,
  ) {}

  /** Of a model, by id or name. Throws `request.not-found`, `guide.no-results`. */
  async of(idOrName: string, wanted?: ProtocolName): Promise<Guide> {
    const model = await this.models.find(idOrName);
    const protocol = wanted ?? (await this.candidates.newestProtocol(model.id));
    const found = protocol === undefined ? [] : await this.candidates.of(model.id, protocol, undefined);
    if (protocol === undefined || found.length === 0)
      throw new LabError(
        'guide.no-results',
        `no run of ${model.name} has succeeded here${wanted ? ` under ${wanted}` : ''} yet; start some with \`hilltop run -m ${model.name} --all-variants\``,
        { model: model.id },
      );
    const metrics: MetricId[] = [...wishes, ...(model.qualityMetric === null ? [] : [model.qualityMetric])];
    const frontier = await this.#frontier(model, protocol, 'latency_p50_ms');
    const variants = await this.database.reader
      .getRepository(VariantEntity)
      .find({ where: { modelId: model.id }, order: { createdAt: 'ASC' } });
    const advice = await this.#advice(model, protocol, found);
    return {
      model: {
        id: model.id,
        name: model.name,
        bytes: Number(model.bytes),
        parameters: Number(model.parameters),
        ...(model.qualityMetric !== null && { quality: model.qualityMetric }),
      },
      protocol,
      objectives: frontier.objectives,
      lab: { id: this.identity.labId, version },
      createdAt: new Date().toISOString(),
      metrics,
      devices: await Promise.all(
        frontier.devices.map((each) => this.#device(each, found, variants, metrics, advice.get(each.device.id) ?? [])),
      ),
    };
  }

  async #device(
    frontier: DeviceFrontier,
    found: readonly DeviceCandidates[],
    variants: readonly VariantEntity[],
    metrics: readonly MetricId[],
    advice: GuideAdvice[],
  ): Promise<GuideDevice> {
    const candidates = found.find(({ device }) => device.id === frontier.device.id)?.candidates ?? [];
    const against = await this.pool.run(guideTask, { candidates, metrics });
    const byId = new Map(variants.map((variant) => [variant.id, variant]));
    const entries = frontier.points.map((point): GuideEntry => {
      const made = byId.get(point.variant);
      const runId = point.runs[0]!;
      return {
        variant: point.variant,
        recipe: point.recipe,
        settings: point.settings,
        techniques: techniquesOf(made?.recipe.steps.map(({ pass }) => pass) ?? [], made?.origin),
        runId,
        verdict: point.verdict,
        ...(point.unstable !== undefined && { unstable: point.unstable }),
        status: point.status,
        probability: point.probability,
        metrics: point.metrics,
        against: against[runId] ?? {},
      };
    });
    return {
      device: frontier.device,
      ...(frontier.hypervolume !== undefined && { hypervolume: frontier.hypervolume }),
      ...(frontier.energy && { energy: frontier.energy }),
      entries,
      advice,
      gaps: gapsOf({ frontier, entries, variants, metrics }),
    };
  }

  /** Device -> what to take there, by each wish that was measured: each has a frontier of its own. */
  async #advice(
    model: ModelEntity,
    protocol: ProtocolName,
    found: readonly DeviceCandidates[],
  ): Promise<Map<string, GuideAdvice[]>> {
    const measured = wishes.filter((metric) =>
      found.some(({ candidates }) => candidates.some((candidate) => candidate.metrics[metric])),
    );
    const advice = new Map<string, GuideAdvice[]>();
    for (const prefer of measured) {
      // Without a quality, size is what latency is held against; against itself it says nothing.
      if (prefer === 'size_bytes' && model.qualityMetric === null) continue;
      const frontier = await this.#frontier(model, protocol, prefer);
      const goal = { prefer, quality: model.qualityMetric ?? ('accuracy' as const), within, constraints: [] };
      for (const { device, points } of frontier.devices) {
        if (!points.some((point) => point.metrics[prefer])) continue;
        const { tone, name, reason } = shipText(recommend(points, goal), goal, points);
        const list = advice.get(device.id) ?? [];
        list.push({ prefer, tone, ...(name !== undefined && { name }), reason });
        advice.set(device.id, list);
      }
    }
    return advice;
  }

  #frontier(model: ModelEntity, protocol: ProtocolName, x: MetricId): Promise<Frontier> {
    return this.frontiers.query({ model: model.id, protocol, x, y: model.qualityMetric ?? 'size_bytes' });
  }
}
