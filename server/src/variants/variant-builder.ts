import { rm } from 'node:fs/promises';
import { errorText, isLabError, type LabError, type VariantProgress } from '@hilltop/contracts';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { BlobStore } from '../links/blob-store.js';
import { Database } from '../links/database.js';
import { Signal } from '../links/signal.js';
import { WorkerPool } from '../links/worker-pool.js';
import { LiveService } from '../live/live.service.js';
import { LOG, type Log } from '../log.js';
import { BlobReferences } from '../models/blob-references.js';
import { ModelEntity } from '../models/model.entity.js';
import { statedOf } from '../models/training-metrics.js';
import { buildVariantTask } from './build-variant-task.js';
import { knownOf, twinOf } from './twin.js';
import { VariantEntity } from './variant.entity.js';

/** Injection token: variants built at the same time. */
export const BUILDS = Symbol('builds');

/** A build under way. */
interface Build {
  readonly modelId: string;
  readonly abort: AbortController;
  progress?: VariantProgress;
}

/** What is known of a variant when it is built. */
type Known = Pick<VariantEntity, 'artifactSha256' | 'artifactBytes' | 'metrics' | 'steps' | 'screening'>;

/** Builds queued variants in worker threads, oldest first. What was being built when the lab stopped is built again. */
@Injectable()
export class VariantBuilder implements OnApplicationBootstrap, OnApplicationShutdown {
  /** A variant became ready or failed; the transaction that says so is committed. */
  readonly settled = new Signal<string>();
  /** Nothing is being built any more. */
  readonly idle = new Signal<void>();
  readonly #log: Log;
  readonly #stop = new AbortController();
  readonly #building = new Map<string, Build>();
  #running = 0;
  /** There may be a queued variant. */
  #wanted = false;
  #hold: () => boolean = () => false;

  constructor(
    private readonly database: Database,
    private readonly blobs: BlobStore,
    private readonly pool: WorkerPool,
    private readonly references: BlobReferences,
    private readonly live: LiveService,
    @Inject(LOG) log: Log,
    @Inject(BUILDS) private readonly builds: number,
  ) {
    this.#log = log.child({ part: 'variant-builder' });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.database.write((manager) => manager.update(VariantEntity, { state: 'building' }, { state: 'queued' }), {
      label: 'variants.recover',
    });
    this.want();
  }

  onApplicationShutdown(): void {
    this.#stop.abort();
  }

  /** While `hold` says so no build begins: this machine is being measured. Call `wake` when that is over. */
  holdWhile(hold: () => boolean): void {
    this.#hold = hold;
  }

  /** Something is being built, or waits for its turn: nobody should begin to measure on this machine. */
  get busy(): boolean {
    return this.#running > 0 || this.#wanted;
  }

  /** How far the build of a variant is; undefined where none is under way. */
  progressOf(variantId: string): VariantProgress | undefined {
    return this.#building.get(variantId)?.progress;
  }

  /** Ends the builds of a model that is gone. */
  cancel(modelId: string): void {
    for (const build of this.#building.values()) if (build.modelId === modelId) build.abort.abort();
  }

  /** There is something to build. */
  want(): void {
    this.#wanted = true;
    this.wake();
  }

  /** What held builds up may be over. */
  wake(): void {
    while (this.#wanted && this.#running < this.builds && !this.#stop.signal.aborted && !this.#hold()) {
      this.#running += 1;
      void this.#drain().finally(() => {
        this.#running -= 1;
        this.wake();
        if (!this.busy) this.idle.emit();
      });
    }
  }

  async #drain(): Promise<void> {
    try {
      while (!this.#stop.signal.aborted && !this.#hold()) {
        // Before the look: who wants something meanwhile is not forgotten.
        this.#wanted = false;
        const row = await this.#take();
        if (!row) return;
        this.#wanted = true;
        await this.#build(row);
      }
    } catch (error) {
      // Stopped, or the database is gone; what is marked `building` is taken up at the next start.
      if (!this.#stop.signal.aborted) this.#log.error({ err: error }, 'building stopped');
    }
  }

  #take(): Promise<VariantEntity | undefined> {
    return this.database.write(
      async (manager) => {
        const row = await manager.findOne(VariantEntity, {
          where: { state: 'queued' },
          order: { createdAt: 'ASC', id: 'ASC' },
        });
        if (!row) return undefined;
        await manager.update(VariantEntity, { id: row.id }, { state: 'building' });
        this.database.afterCommit(() => this.live.touch('variant', row.id));
        return row;
      },
      { label: 'variant.take' },
    );
  }

  async #build(row: VariantEntity): Promise<void> {
    const log = this.#log.child({ variantId: row.id, recipe: row.recipeName });
    const build: Build = { modelId: row.modelId, abort: new AbortController() };
    this.#building.set(row.id, build);
    try {
      const known = await this.#make(row, build, log);
      this.#building.delete(row.id);
      await this.#settle(row, { state: 'ready', error: null, ...known });
      log.info({ bytes: known.artifactBytes }, 'variant ready');
    } catch (error) {
      this.#building.delete(row.id);
      if (this.#stop.signal.aborted) throw error;
      if (build.abort.signal.aborted) return log.info('the model is gone, the build was ended');
      const { code, message } = isLabError(error)
        ? error
        : ({ code: 'pass.failed', message: errorText(error) } satisfies Pick<LabError, 'code' | 'message'>);
      log.warn({ code, err: error }, 'variant failed');
      await this.#settle(row, { state: 'failed', error: { code, message: message.slice(0, 2000) } });
    }
  }

  async #make(row: VariantEntity, build: Build, log: Log): Promise<Known> {
    const { manager } = this.database.reader;
    const model = await manager.findOneByOrFail(ModelEntity, { id: row.modelId });
    const twin = await twinOf(manager, row.cacheKey, model);
    const made = twin?.row.artifactSha256;
    const isThere = made != null && this.blobs.has(made);
    if (twin?.isWhole && isThere) return knownOf(twin.row, row);
    const known = row.origin === 'elsewhere' ? row.recipeId : isThere ? made : undefined;
    const fileOf = (sha256: string): string => {
      this.blobs.bytes(sha256);
      return this.blobs.path(sha256);
    };
    const outputFile = this.blobs.scratch();
    try {
      const built = await this.pool.run(
        buildVariantTask,
        {
          modelFile: fileOf(model.sha256),
          recipe: row.recipe,
          inputs: row.interface?.inputs ?? model.inputs,
          outputFile,
          ...(known !== undefined && { artifactFile: fileOf(known) }),
          ...(row.recipe.needsCalibration &&
            model.calibration && { calibrationFile: fileOf(model.calibration.sha256) }),
          ...(model.validation && { validationFile: fileOf(model.validation.sha256) }),
        },
        {
          signal: AbortSignal.any([this.#stop.signal, build.abort.signal]),
          onProgress: (progress) => {
            build.progress = progress;
            if (this.#building.has(row.id)) this.live.touch('variant', row.id);
          },
        },
      );
      if (built.costError !== undefined) log.warn({ err: built.costError }, 'the cost of an artifact is not known');
      if (built.screeningError !== undefined) log.warn({ err: built.screeningError }, 'a variant was not screened');
      const blob =
        built.sha256 === undefined
          ? { sha256: known!, bytes: this.blobs.bytes(known!) }
          : await this.blobs.adopt(outputFile, built.sha256);
      return {
        artifactSha256: blob.sha256,
        artifactBytes: blob.bytes,
        metrics: { ...built.metrics, ...statedOf(row.metrics) },
        steps: [...(built.sha256 === undefined && twin ? passesOf(twin.row) : []), ...built.steps],
        screening: built.screening ?? null,
      };
    } finally {
      await rm(outputFile, { force: true });
    }
  }

  async #settle(row: VariantEntity, change: Partial<VariantEntity>): Promise<void> {
    await this.database.write(
      async (manager) => {
        const done = await manager.update(VariantEntity, { id: row.id, state: 'building' }, change);
        // The model may have been removed meanwhile.
        if (done.affected === 0) return;
        if (change.artifactSha256) await this.references.add(manager, row.modelId, [change.artifactSha256]);
        this.database.afterCommit(() => {
          this.live.touch('variant', row.id);
          this.settled.emit(row.id);
        });
      },
      { label: 'variant.settle' },
    );
  }
}

/** What the recipe did; a twin's screening is its own. */
const passesOf = ({ steps }: VariantEntity): VariantEntity['steps'] =>
  steps.filter((step) => step.pass !== 'screening');
