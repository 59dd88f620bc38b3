import {
  type Change,
  hasSweepEnded,
  LabError,
  type PageQuery,
  type Sweep,
  type SweepFile,
  type SweepPreview,
  type SweepState,
  type Trial,
} from '@hilltop/contracts';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import type { Actor } from '../access/actor.js';
import { decodeCursor, page } from '../access/page.js';
import { newId } from '../ids.js';
import { cancelledBy } from '../jobs/job-outcome.js';
import { JobRuns } from '../jobs/job-runs.js';
import { Database } from '../links/database.js';
import type { Signal } from '../links/signal.js';
import { LiveService } from '../live/live.service.js';
import { LOG, type Log } from '../log.js';
import { ModelService } from '../models/model.service.js';
import { RecipeService } from '../recipes/recipe.service.js';
import { VariantService } from '../variants/variant.service.js';
import { isWaiting } from './decision-writer.js';
import { type MadeSpace, SpaceMaker } from './space-maker.js';
import { SweepEntity } from './sweep.entity.js';
import { SweepClock } from './sweep-clock.js';
import { type PlacePlan, placeKeyOf, pointsOf, type SweepPlan } from './sweep-plan.js';
import { previewOf } from './sweep-preview.js';
import { SweepRunner } from './sweep-runner.js';
import { SweepViews } from './sweep-views.js';
import { TrialEntity } from './trial.entity.js';
import { trialView } from './trial-view.js';

/** Sweeps and trials that a snapshot shows. */
const recentSweeps = 20;
const recentTrials = 200;

const active: readonly SweepState[] = ['preparing', 'running', 'paused'];

/** Sweeps as people and programs handle them; `SweepRunner` carries them on. */
@Injectable()
export class SweepService implements OnModuleInit {
  /** A sweep has ended, however; the transaction that says so is committed. */
  readonly ended: Signal<{ sweepId: string }>;
  readonly #log: Log;

  constructor(
    private readonly database: Database,
    private readonly spaces: SpaceMaker,
    private readonly recipes: RecipeService,
    private readonly variants: VariantService,
    private readonly models: ModelService,
    private readonly runs: JobRuns,
    private readonly runner: SweepRunner,
    private readonly views: SweepViews,
    private readonly clock: SweepClock,
    private readonly live: LiveService,
    @Inject(LOG) log: Log,
  ) {
    this.ended = runner.ended;
    this.#log = log.child({ part: 'sweeps' });
  }

  onModuleInit(): void {
    this.models.guard(async (manager, modelId) => {
      const rows = await manager.findBy(SweepEntity, { state: In([...active]) });
      const user = rows.find(({ plan }) => plan.places.some((place) => place.modelId === modelId));
      return user
        ? new LabError('model.in-use', `the sweep ${user.name} is searching it; cancel it first`, { sweepId: user.id })
        : undefined;
    });
    const sweeps = async (where: object, take?: number): Promise<Change[]> => {
      const rows = await this.#rows(where, take);
      return (await this.views.of(rows)).map((value) => ({ kind: 'sweep', id: value.id, value }));
    };
    const trials = async (where: object, take?: number): Promise<Change[]> => {
      const rows = await this.database.reader
        .getRepository(TrialEntity)
        .find({ where, order: { number: 'DESC' }, ...(take !== undefined && { take }) });
      return rows.map((row) => ({ kind: 'trial', id: row.id, value: trialView(row) }));
    };
    this.live.register('sweep', {
      load: (ids) => sweeps({ id: In([...ids]) }),
      list: async (topic) => {
        if (topic === 'lab') return sweeps({}, recentSweeps);
        return topic.startsWith('sweep/') ? sweeps({ id: topic.slice(6) }) : [];
      },
    });
    this.live.register('trial', {
      load: (ids) => trials({ id: In([...ids]) }),
      list: async (topic) => (topic.startsWith('sweep/') ? trials({ sweepId: topic.slice(6) }, recentTrials) : []),
    });
  }

  /**
   * Begins a sweep; its recipes are added to the lab and its variants begin to be built. `dryRun`: only checks the file.
   * Throws what `SpaceMaker.make` throws.
   */
  async create(
    actor: Actor,
    { file }: { readonly file: SweepFile },
    { scheduleId }: { readonly scheduleId?: string } = {},
  ): Promise<Sweep> {
    const space = await this.spaces.make(file);
    const at = this.clock.now();
    const id = await this.database.write(
      async (manager) => {
        const { tokenId, userId, role, name } = actor;
        const row = manager.create(SweepEntity, {
          id: newId('swp'),
          position: Number((await manager.maximum(SweepEntity, 'position')) ?? 0) + 1,
          name: file.name,
          file,
          revision: 1,
          state: 'preparing',
          resumesAs: null,
          objectives: objectivesOf(space.plan),
          plan: await this.#build(manager, actor, space),
          note: null,
          error: null,
          actor: { tokenId, role, name, ...(userId !== undefined && { userId }) },
          createdBy: name,
          scheduleId: scheduleId ?? null,
          createdAt: at,
          startedAt: null,
          endedAt: null,
        });
        await manager.insert(SweepEntity, row);
        this.#changed(row.id);
        return row.id;
      },
      { label: 'sweep.create' },
    );
    this.#log.info({ sweepId: id, name: file.name, by: actor.name }, 'sweep begun');
    return this.show(id);
  }

  /** What a file would try. Throws what `create` throws, and makes nothing. */
  async preview(file: SweepFile): Promise<SweepPreview> {
    return previewOf(this.database.reader.manager, file, (await this.spaces.make(file)).plan);
  }

  async list(query: PageQuery): Promise<{ items: Sweep[]; next?: string }> {
    const rows = this.database.reader.getRepository(SweepEntity).createQueryBuilder('sweep');
    if (query.cursor !== undefined) rows.where('sweep.position < :at', { at: numberOf(query.cursor) });
    const found = await rows
      .orderBy('sweep.position', 'DESC')
      .limit(query.limit + 1)
      .getMany();
    const views = new Map((await this.views.of(found)).map((view) => [view.id, view]));
    return page(
      found,
      query.limit,
      (row) => ({ at: String(row.position), id: row.id }),
      (row) => views.get(row.id)!,
    );
  }

  /** Throws `sweep.unknown`. */
  async show(id: string): Promise<Sweep> {
    return (await this.views.of([await this.#find(id)]))[0]!;
  }

  /** Every trial in the order in which they were chosen. Throws `sweep.unknown`. */
  async trials(id: string): Promise<Trial[]> {
    await this.#find(id);
    const rows = await this.database.reader
      .getRepository(TrialEntity)
      .find({ where: { sweepId: id }, order: { number: 'ASC' } });
    return rows.map(trialView);
  }

  /** Trials page by page, in the order in which they were chosen. Throws `sweep.unknown`, `cursor.invalid`. */
  async trialPage(id: string, query: PageQuery): Promise<{ items: Trial[]; next?: string }> {
    await this.#find(id);
    const rows = this.database.reader
      .getRepository(TrialEntity)
      .createQueryBuilder('trial')
      .where('trial.sweepId = :id', { id });
    if (query.cursor !== undefined) rows.andWhere('trial.number > :at', { at: numberOf(query.cursor) });
    const found = await rows
      .orderBy('trial.number')
      .limit(query.limit + 1)
      .getMany();
    return page(found, query.limit, (row) => ({ at: String(row.number), id: row.id }), trialView);
  }

  /** Nothing new is begun; what runs ends as it would. Throws `sweep.unknown`, `sweep.ended`. */
  pause(actor: Actor, id: string): Promise<Sweep> {
    return this.#change(id, 'sweep.pause', async (manager, row) => {
      if (row.state === 'paused') return;
      const note = `paused by ${actor.name}`;
      await manager.update(SweepEntity, { id }, { state: 'paused', resumesAs: row.state, note });
    });
  }

  /** Throws `sweep.unknown`, `sweep.ended`. */
  resume(_actor: Actor, id: string): Promise<Sweep> {
    return this.#change(id, 'sweep.resume', async (manager, row) => {
      if (row.state !== 'paused') return;
      await manager.update(SweepEntity, { id }, { state: row.resumesAs ?? 'running', resumesAs: null, note: null });
    });
  }

  /** Ends it now: what waits is cancelled, what runs is told to stop. Throws `sweep.unknown`, `sweep.ended`. */
  cancel(actor: Actor, id: string, reason?: string): Promise<Sweep> {
    return this.#change(id, 'sweep.cancel', async (manager) => {
      const error = cancelledBy(actor.name, reason);
      const endedAt = this.clock.now();
      await manager.update(
        SweepEntity,
        { id },
        { state: 'cancelled', resumesAs: null, note: error.message.slice(0, 500), endedAt },
      );
      await manager.update(TrialEntity, { sweepId: id, state: 'proposed' }, { state: 'skipped', endedAt });
      for (const trial of await manager.findBy(TrialEntity, { sweepId: id, state: 'running' }))
        await this.runs.cancel(trial.jobId!, error);
      this.database.afterCommit(() => this.ended.emit({ sweepId: id }));
    });
  }

  /**
   * A changed file: trials that are still meant stay, also those that run; what waits and is meant no more is skipped. Throws
   * what `create` throws, `sweep.unknown`, `sweep.ended`.
   */
  async update(actor: Actor, id: string, file: SweepFile): Promise<Sweep> {
    await this.#find(id);
    const space = await this.spaces.make(file);
    return this.#change(id, 'sweep.update', async (manager, row) => {
      const known = new Map(row.plan.places.map((place) => [placeKeyOf(place), place]));
      const built = await this.#build(manager, actor, space);
      const places = built.places.map(
        (place): PlacePlan => ({
          ...place,
          ...(known.get(placeKeyOf(place))?.ready && { ready: true }),
        }),
      );
      const plan = { ...built, places };
      await this.#skip(manager, id, plan, `the sweep was changed by ${actor.name}`);
      const isPaused = row.state === 'paused';
      await manager.update(
        SweepEntity,
        { id },
        {
          name: file.name,
          file,
          plan,
          objectives: objectivesOf(plan),
          revision: row.revision + 1,
          ...(isPaused ? { resumesAs: 'preparing' } : { state: 'preparing', note: null }),
        },
      );
    });
  }

  /** Trials of points that are meant no more and that no device has begun. */
  async #skip(manager: EntityManager, id: string, plan: SweepPlan, why: string): Promise<void> {
    const meant = new Map(
      plan.places.map((place) => [placeKeyOf(place), new Set(pointsOf(plan, place).map(({ key }) => key))]),
    );
    const endedAt = this.clock.now();
    for (const trial of await manager.findBy(TrialEntity, { sweepId: id, state: In(['proposed', 'running']) })) {
      if (meant.get(placeKeyOf(trial))?.has(trial.pointKey)) continue;
      const { jobId } = trial;
      if (jobId !== null && !(await isWaiting(manager, jobId))) continue;
      await manager.update(TrialEntity, { id: trial.id }, { state: 'skipped', endedAt });
      if (jobId !== null) await this.runs.cancel(jobId, { code: 'run.cancelled', message: why, cause: 'user' });
      this.database.afterCommit(() => this.live.touch('trial', trial.id));
    }
  }

  /** Within a transaction: the lab gets the recipes and begins to build the variants. */
  async #build(manager: EntityManager, actor: Actor, space: MadeSpace): Promise<SweepPlan> {
    for (const { file } of space.recipes) await this.recipes.add(actor, file);
    const variants: Record<string, Record<string, string>> = {};
    for (const { model, wanted } of space.variants) {
      const rows = await this.variants.ensureRows(manager, model, wanted);
      variants[model.id] = Object.fromEntries(rows.map((row) => [row.recipeName, row.id]));
    }
    return { ...space.plan, variants };
  }

  /** Within one transaction, on the row as it is then. */
  async #change(
    id: string,
    label: string,
    change: (manager: EntityManager, row: SweepEntity) => Promise<void>,
  ): Promise<Sweep> {
    await this.database.write(
      async (manager) => {
        const row = await manager.findOneBy(SweepEntity, { id });
        if (!row) throw unknownSweep(id);
        if (hasSweepEnded(row.state))
          throw new LabError('sweep.ended', `${row.name} has ended: ${row.state}; start another with its file`, {
            state: row.state,
          });
        await change(manager, row);
        this.#changed(id);
      },
      { label },
    );
    return this.show(id);
  }

  #changed(id: string): void {
    this.database.afterCommit(() => {
      this.live.touch('sweep', id);
      this.runner.wake(id);
    });
  }

  #rows(where: object, take?: number): Promise<SweepEntity[]> {
    return this.database.reader
      .getRepository(SweepEntity)
      .find({ where, order: { position: 'DESC' }, ...(take !== undefined && { take }) });
  }

  async #find(id: string): Promise<SweepEntity> {
    const row = await this.database.reader.getRepository(SweepEntity).findOneBy({ id });
    if (!row) throw unknownSweep(id);
    return row;
  }
}

/** Those of the first model: the axes that lists and reports name. */
const objectivesOf = (plan: SweepPlan): SweepEntity['objectives'] => [
  ...(plan.objectives[plan.places[0]?.modelId ?? ''] ?? []),
];

const unknownSweep = (id: string): LabError =>
  new LabError('sweep.unknown', 'there is no such sweep; `hilltop sweeps` lists them', { sweep: id });

/** Throws `cursor.invalid`. */
function numberOf(cursor: string): number {
  const at = Number(decodeCursor(cursor).at);
  if (!Number.isSafeInteger(at))
    throw new LabError('cursor.invalid', 'this cursor is not one of ours; start again without it');
  return at;
}
