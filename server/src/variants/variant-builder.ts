import { errorText, isLabError, type LabError } from '@hilltop/contracts';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { BlobStore } from '../links/blob-store.js';
import { Database } from '../links/database.js';
import { Signal } from '../links/signal.js';
import { WorkerPool } from '../links/worker-pool.js';
import { LiveService } from '../live/live.service.js';
import { LOG, type Log } from '../log.js';
import { BlobReferences } from '../models/blob-references.js';
import { ModelEntity } from '../models/model.entity.js';
import { type BuiltVariant, buildVariantTask } from './build-variant-task.js';
import { VariantEntity } from './variant.entity.js';

/** Injection token: variants built at the same time. */
export const BUILDS = Symbol('builds');

/** Builds queued variants in worker threads, oldest first. What was being built when the lab stopped is built again. */
@Injectable()
export class VariantBuilder implements OnApplicationBootstrap, OnApplicationShutdown {
  /** A variant became ready or failed; the transaction that says so is committed. */
  readonly settled = new Signal<string>();
  /** Nothing is being built any more. */
  readonly idle = new Signal<void>();
  readonly #log: Log;
  readonly #stop = new AbortController();
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
    try {
      const built = await this.#apply(row);
      const blob = await this.blobs.put(built.artifact, { maxBytes: built.artifact.byteLength, sha256: built.sha256 });
      if (built.costError !== undefined) log.warn({ err: built.costError }, 'the cost of an artifact is not known');
      await this.#settle(row, {
        state: 'ready',
        artifactSha256: blob.sha256,
        artifactBytes: blob.bytes,
        metrics: built.metrics,
        steps: built.steps,
        error: null,
      });
      log.info({ bytes: blob.bytes }, 'variant ready');
    } catch (error) {
      if (this.#stop.signal.aborted) throw error;
      const { code, message } = isLabError(error)
        ? error
        : ({ code: 'pass.failed', message: errorText(error) } satisfies Pick<LabError, 'code' | 'message'>);
      log.warn({ code, err: error }, 'variant failed');
      await this.#settle(row, { state: 'failed', error: { code, message: message.slice(0, 2000) } });
    }
  }

  async #apply(row: VariantEntity): Promise<BuiltVariant> {
    const twin = await this.database.reader
      .getRepository(VariantEntity)
      .findOneBy({ cacheKey: row.cacheKey, state: 'ready' });
    if (twin?.artifactSha256 && this.blobs.has(twin.artifactSha256)) {
      const artifact = new Uint8Array(await this.blobs.read(twin.artifactSha256));
      return { artifact, sha256: twin.artifactSha256, metrics: twin.metrics, steps: twin.steps };
    }
    const model = await this.database.reader.getRepository(ModelEntity).findOneByOrFail({ id: row.modelId });
    const read = async (sha256: string): Promise<Uint8Array<ArrayBuffer>> =>
      new Uint8Array(await this.blobs.read(sha256));
    const bytes = await read(model.sha256);
    const calibration =
      row.recipe.needsCalibration && model.calibration ? await read(model.calibration.sha256) : undefined;
    return this.pool.run(
      buildVariantTask,
      { model: bytes, recipe: row.recipe, ...(calibration && { calibration }) },
      { transfer: [bytes.buffer, ...(calibration ? [calibration.buffer] : [])], signal: this.#stop.signal },
    );
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
