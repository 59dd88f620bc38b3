import {
  type DeviceFrontier,
  type Frontier,
  type FrontierEntity,
  type FrontierQuery,
  LabError,
  type Objective,
  objectiveOf,
  type ProtocolName,
} from '@hilltop/contracts';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DeviceService } from '../devices/device.service.js';
import { WorkerPool } from '../links/worker-pool.js';
import { LiveService } from '../live/live.service.js';
import { LOG, type Log } from '../log.js';
import type { ModelEntity } from '../models/model.entity.js';
import { ModelService } from '../models/model.service.js';
import { SummaryService } from '../summaries/summary.service.js';
import { Candidates, type DeviceCandidates } from './candidates.js';
import { type FrontierTaskInput, type FrontierTaskOutput, frontierTask } from './frontier-task.js';
import { constraintsOf, objectivesOf } from './objectives.js';
import { ReferencePoints } from './reference-points.js';

/** Runs that end together give one frontier for screens. */
const settleMs = 200;
const cacheLimit = 200;

/** Which variants are worth shipping. */
@Injectable()
export class FrontierService implements OnModuleInit {
  readonly #log: Log;
  /** Model -> how often its summaries have changed since the start. */
  readonly #revisions = new Map<string, number>();
  readonly #cache = new Map<string, Promise<FrontierTaskOutput>>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(
    private readonly models: ModelService,
    private readonly devices: DeviceService,
    private readonly candidates: Candidates,
    private readonly references: ReferencePoints,
    private readonly summaries: SummaryService,
    private readonly pool: WorkerPool,
    private readonly live: LiveService,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'frontier' });
  }

  onModuleInit(): void {
    this.summaries.written.listen(({ runId, modelId }) => {
      this.references
        .note(runId)
        .then(() => this.#changed(modelId))
        .catch((error: unknown) => this.#log.error({ runId, err: error }, 'no reference point'));
    });
    this.live.register('frontier', {
      load: async (ids) => {
        const models = new Set(ids.map((id) => id.split('.')[0]!));
        const all = (await Promise.all([...models].map((modelId) => this.entities(modelId)))).flat();
        return all.filter(({ id }) => ids.includes(id)).map((value) => ({ kind: 'frontier', id: value.id, value }));
      },
      list: async (topic) => {
        if (!topic.startsWith('model/')) return [];
        return (await this.entities(topic.slice(6))).map((value) => ({ kind: 'frontier', id: value.id, value }));
      },
    });
  }

  /** Throws `request.not-found`, `device.unknown`, `request.invalid`, `frontier.no-points`. */
  async query(query: FrontierQuery): Promise<Frontier> {
    const model = await this.models.find(query.model);
    const objectives = objectivesOf(query, {
      ...(model.qualityMetric !== null && { qualityMetric: model.qualityMetric }),
    });
    const constraints = constraintsOf(query.where);
    const chosen =
      query.device === undefined
        ? undefined
        : await Promise.all(query.device.split(',').map(async (name) => (await this.devices.find(name.trim())).id));
    const protocol = query.protocol ?? (await this.candidates.newestProtocol(model.id));
    const found = protocol === undefined ? [] : await this.candidates.of(model.id, protocol, chosen);
    if (protocol === undefined || found.length === 0) {
      throw new LabError(
        'frontier.no-points',
        `no run of ${model.name} has succeeded here yet; start one with \`hilltop run -m ${model.name}\``,
        { model: model.id },
      );
    }
    const input = {
      ...taskInput(found, objectives, constraints),
      ...(query.fleet === 'true' && {
        fleet: found.map(({ device, candidates }) => ({ id: device.id, emulated: device.emulated, candidates })),
      }),
    };
    const key = JSON.stringify([
      objectives,
      query.where,
      query.fleet,
      protocol,
      found.map(({ device }) => [device.id, device.name]),
    ]);
    const { devices, fleet } = await this.#compute(model.id, key, input);
    return { model: model.id, modelName: model.name, protocol, objectives, devices, ...(fleet && { fleet }) };
  }

  /** Of these runs alone (oldest first), whatever was measured before and since: one frontier a device that has some of them. */
  async ofRuns(
    modelId: string,
    runIds: readonly string[],
    wish: {
      readonly protocol: ProtocolName;
      readonly objectives: readonly Objective[];
      readonly constraints?: readonly string[];
    },
  ): Promise<DeviceFrontier[]> {
    const found = await this.candidates.of(modelId, wish.protocol, undefined, runIds);
    if (found.length === 0) return [];
    const constraints = constraintsOf(wish.constraints?.join(','));
    return (await this.pool.run(frontierTask, taskInput(found, wish.objectives, constraints))).devices;
  }

  /** The frontiers screens show: one a device and protocol, for the model's default objectives. */
  async entities(modelId: string): Promise<FrontierEntity[]> {
    const model = await this.models.find(modelId).catch(() => undefined);
    if (!model) return [];
    const places = await this.candidates.places(modelId);
    const protocols = [...new Set(places.map((place) => place.protocol))];
    return (await Promise.all(protocols.map((protocol) => this.#entitiesOf(model, protocol)))).flat();
  }

  async #entitiesOf(model: ModelEntity, protocol: ProtocolName): Promise<FrontierEntity[]> {
    const objectives = [objectiveOf('latency_p50_ms'), objectiveOf(model.qualityMetric ?? 'size_bytes')];
    const found = await this.candidates.of(model.id, protocol, undefined);
    if (found.length === 0) return [];
    const key = JSON.stringify(['entities', objectives, protocol, found.map(({ device }) => [device.id, device.name])]);
    const { devices } = await this.#compute(model.id, key, taskInput(found, objectives, undefined));
    return devices.map((frontier) => ({
      id: `${model.id}.${frontier.device.id}.${protocol}`,
      modelId: model.id,
      protocol,
      objectives,
      frontier,
    }));
  }

  /** Once for each state of the model's summaries. */
  #compute(modelId: string, key: string, input: FrontierTaskInput): Promise<FrontierTaskOutput> {
    const whole = `${modelId} ${this.#revisions.get(modelId) ?? 0} ${key}`;
    const kept = this.#cache.get(whole);
    if (kept) return kept;
    const made = this.pool.run(frontierTask, input);
    this.#cache.set(whole, made);
    made.catch(() => this.#cache.delete(whole));
    const oldest = this.#cache.keys().next();
    if (this.#cache.size > cacheLimit && !oldest.done) this.#cache.delete(oldest.value);
    return made;
  }

  #changed(modelId: string): void {
    this.#revisions.set(modelId, (this.#revisions.get(modelId) ?? 0) + 1);
    if (this.#timers.has(modelId)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(modelId);
      this.entities(modelId).then(
        (all) => this.live.touch('frontier', ...all.map(({ id }) => id)),
        (error: unknown) => this.#log.error({ modelId, err: error }, 'no frontier'),
      );
    }, settleMs);
    timer.unref();
    this.#timers.set(modelId, timer);
  }
}

function taskInput(
  found: readonly DeviceCandidates[],
  objectives: readonly Objective[],
  constraints: ReturnType<typeof constraintsOf>,
): FrontierTaskInput {
  return {
    objectives,
    devices: found.map(({ device, candidates, reference, energy, key }) => ({
      device: { id: device.id, name: device.name, type: device.type, emulated: device.emulated },
      candidates,
      reference,
      key,
      ...(energy && { energy }),
      ...(constraints && { constraints }),
    })),
  };
}
