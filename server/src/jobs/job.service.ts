import {
  type Change,
  type Device,
  type Job,
  type JobCreate,
  LabError,
  type PageQuery,
  protocolOf,
  type Selector,
} from '@hilltop/contracts';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import type * as z from 'zod';
import { type Actor, ownerOf } from '../access/actor.js';
import { decodeCursor, page } from '../access/page.js';
import { DeviceService } from '../devices/device.service.js';
import { newId } from '../ids.js';
import { Database } from '../links/database.js';
import { LiveService } from '../live/live.service.js';
import { LOG, type Log } from '../log.js';
import { ModelService } from '../models/model.service.js';
import { VariantService } from '../variants/variant.service.js';
import { JobEntity, type JobPurpose } from './job.entity.js';
import { cancelledBy } from './job-outcome.js';
import { JobRuns } from './job-runs.js';
import { jobView } from './job-view.js';

export type JobWish = z.output<typeof JobCreate>;

/** What a job comes from, when it is not a person's own wish. */
export interface JobOrigin {
  readonly sweepId?: string;
  readonly priority?: number;
  readonly purpose?: JobPurpose;
}

/** Jobs that a snapshot of the lab shows. */
const recentJobs = 50;

/** Requests to measure: variants x selector x protocol. */
@Injectable()
export class JobService implements OnModuleInit {
  readonly #log: Log;

  constructor(
    private readonly database: Database,
    private readonly models: ModelService,
    private readonly variants: VariantService,
    private readonly devices: DeviceService,
    private readonly runs: JobRuns,
    private readonly live: LiveService,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'jobs' });
  }

  onModuleInit(): void {
    this.models.guard(async (manager, modelId) => {
      const job = await manager.findOneBy(JobEntity, { modelId, state: In(['queued', 'running']) });
      return job
        ? new LabError('model.in-use', `job ${job.id} is measuring it; cancel it first`, { jobId: job.id })
        : undefined;
    });
    const rows = (where: object, take?: number) =>
      this.database.reader
        .getRepository(JobEntity)
        .find({ where, order: { position: 'DESC' }, ...(take !== undefined && { take }) });
    this.live.register('job', {
      load: async (ids) => this.#changes(await rows({ id: In([...ids]) })),
      list: async (topic) => {
        if (topic === 'lab') return this.#changes(await rows({}, recentJobs));
        if (topic.startsWith('job/')) return this.#changes(await rows({ id: topic.slice(4) }));
        return topic.startsWith('model/') ? this.#changes(await rows({ modelId: topic.slice(6) }, recentJobs)) : [];
      },
    });
  }

  /**
   * Submits a job: one run (or `replicates`) for each matching device, variant and setting. Called within a transaction it joins that.
   * Throws `request.not-found`, `recipe.unknown`, `data.missing`, `device.unknown`, `device.none-match`.
   */
  async create(actor: Actor, wish: JobWish, origin: JobOrigin = {}): Promise<Job> {
    const model = await this.models.find(wish.model);
    const recipes = await this.variants.resolve(model, wish.recipes);
    const devices = await this.#matching(wish.selector);
    return this.database.write(
      async (manager) => {
        const variants = await this.variants.ensureRows(manager, model, recipes);
        const job = manager.create(JobEntity, {
          id: newId('job'),
          position: await nextPosition(manager),
          name: wish.name ?? null,
          modelId: model.id,
          modelName: model.name,
          recipes: recipes.map((recipe) => recipe.name),
          selector: wish.selector,
          protocol: protocolOf(wish.protocol, wish),
          settings: wish.settings,
          parallel: wish.parallel ?? null,
          maxFailures: wish.maxFailures ?? null,
          priority: wish.priority ?? origin.priority ?? 0,
          replicates: wish.replicates ?? null,
          purpose: origin.purpose ?? 'measure',
          owner: ownerOf(actor),
          sweepId: origin.sweepId ?? null,
          state: 'queued',
          error: null,
          createdBy: actor.name,
          createdAt: new Date().toISOString(),
          startedAt: null,
          endedAt: null,
        });
        await manager.insert(JobEntity, job);
        await this.runs.create(manager, { job, model, variants, devices });
        const { id: jobId, recipes: names } = job;
        this.database.afterCommit(() => {
          this.live.touch('job', jobId);
          this.#log.info({ jobId, modelId: model.id, devices: devices.length, recipes: names }, 'job submitted');
        });
        // Runs may have been refused at once: as it is now, seen from within the transaction.
        const row = await manager.findOneByOrFail(JobEntity, { id: jobId });
        return jobView(row, (await this.runs.progress([jobId], manager)).get(jobId)!);
      },
      { label: 'job.create' },
    );
  }

  async list(query: PageQuery): Promise<{ items: Job[]; next?: string }> {
    const rows = this.database.reader.getRepository(JobEntity).createQueryBuilder('job');
    if (query.cursor !== undefined) rows.where('job.position < :at', { at: positionOf(query.cursor) });
    const found = await rows
      .orderBy('job.position', 'DESC')
      .limit(query.limit + 1)
      .getMany();
    const progress = await this.runs.progress(found.map((row) => row.id));
    const waiting = await this.runs.waiting(found.filter(isOpen).map((row) => row.id));
    return page(
      found,
      query.limit,
      (row) => ({ at: String(row.position), id: row.id }),
      (row) => jobView(row, progress.get(row.id)!, waiting.get(row.id)),
    );
  }

  /** Throws `job.unknown`. */
  async show(id: string): Promise<Job> {
    const row = await this.#find(id);
    const waiting = isOpen(row) ? (await this.runs.waiting([id])).get(id) : undefined;
    return jobView(row, (await this.runs.progress([id])).get(id)!, waiting);
  }

  /** Cancels what waits at once and tells the agents that hold the rest. Throws `job.unknown`, `job.ended`. */
  async cancel(actor: Actor, id: string, reason: string | undefined): Promise<Job> {
    const row = await this.#find(id);
    if (row.endedAt !== null)
      throw new LabError('job.ended', `job ${id} has ended: ${row.state}`, { state: row.state });
    await this.runs.cancel(id, cancelledBy(actor.name, reason));
    this.#log.info({ jobId: id, by: actor.name }, 'job cancelled');
    return this.show(id);
  }

  async #matching(selector: Selector): Promise<Device[]> {
    const devices = await this.devices.select(selector);
    if (devices.length > 0) return devices;
    const all = await this.devices.list({});
    const remedy =
      all.length === 0
        ? 'the lab has no device yet; `hilltop token create` and `hilltop-agent URL --token T` add one'
        : `no device matches; there are ${all
            .slice(0, 10)
            .map((d) => d.name)
            .join(', ')}: see their labels with \`hilltop devices\``;
    throw new LabError('device.none-match', remedy, { selector });
  }

  async #find(id: string): Promise<JobEntity> {
    const row = await this.database.reader.getRepository(JobEntity).findOneBy({ id });
    if (!row) throw new LabError('job.unknown', 'there is no such job; `hilltop jobs` lists them', { job: id });
    return row;
  }

  async #changes(rows: readonly JobEntity[]): Promise<Change[]> {
    const progress = await this.runs.progress(rows.map((row) => row.id));
    return rows.map((row) => ({ kind: 'job', id: row.id, value: jobView(row, progress.get(row.id)!) }));
  }
}

const isOpen = ({ endedAt }: JobEntity): boolean => endedAt === null;

async function nextPosition(manager: EntityManager): Promise<number> {
  return Number((await manager.maximum(JobEntity, 'position')) ?? 0) + 1;
}

/** Throws `cursor.invalid`. */
function positionOf(cursor: string): number {
  const at = Number(decodeCursor(cursor).at);
  if (!Number.isSafeInteger(at))
    throw new LabError('cursor.invalid', 'this cursor is not one of ours; start again without it');
  return at;
}
