import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';

import { planCompilerVersion } from '@hilltop/compression';

import { type CompiledPlan, errorText, isLabError, LabError, type TensorInfo, type Variant } from '@hilltop/contracts';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { BlobStore } from '../links/blob-store.js';
import { Database } from '../links/database.js';
import { Signal } from '../links/signal.js';
import { WorkerPool } from '../links/worker-pool.js';
import { LiveService } from '../live/live.service.js';
import { LOG, type Log } from '../log.js';
import { BlobReferences } from '../models/blob-references.js';
import { ModelEntity } from '../models/model.entity.js';
import { compilePlanTask } from './compile-plan-task.js';
import { type PlanError, VariantEntity } from './variant.entity.js';

/** What came of asking for the plan of a variant. */
export type Planned = { readonly variantId: string } & (
  | { readonly plan: CompiledPlan }
  | { readonly error: PlanError /** The variant is not to blame: asking again may help. */; readonly isOurs: boolean }
);

interface Waiting {
  readonly done: Promise<Planned>;
  readonly settle: (planned: Planned) => void;
}

/** Makes the plans of variants when they are asked for, one at a time; the same artifact is compiled once. */
@Injectable()
export class PlanMaker implements OnApplicationShutdown {
  /** A plan is there, or cannot be; the transaction that says so is committed. */
  readonly settled = new Signal<Planned>();
  /** Nothing is being compiled any more. */
  readonly idle = new Signal<void>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #stop = new AbortController();
  readonly #log: Log;
  #running = false;
  #hold: () => boolean = () => false;

  constructor(
    private readonly database: Database,
    private readonly blobs: BlobStore,
    private readonly pool: WorkerPool,
    private readonly references: BlobReferences,
    private readonly live: LiveService,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'plan-maker' });
  }

  onApplicationShutdown(): void {
    this.#stop.abort();
  }

  /** While `hold` says so nothing is compiled: this machine is being measured. Call `wake` when that is over. */
  holdWhile(hold: () => boolean): void {
    this.#hold = hold;
  }

  /** Something is being compiled, or waits for its turn. */
  get busy(): boolean {
    return this.#waiting.size > 0;
  }

  /** The plan of a variant that is ready; `settled` tells when it is there. Asking twice is asking once. */
  want(variantId: string): Promise<Planned> {
    const known = this.#waiting.get(variantId);
    if (known) return known.done;
    let settle!: Waiting['settle'];
    const done = new Promise<Planned>((resolve) => {
      settle = resolve;
    });
    this.#waiting.set(variantId, { done, settle });
    this.wake();
    return done;
  }

  /** The plan of a variant. Throws `artifact.not-ready` before it is built, `plan.unsupported` with the node. */
  async of(variant: Variant): Promise<CompiledPlan> {
    if (variant.firmware)
      throw new LabError(
        'plan.unsupported',
        `${variant.recipe} is in the firmware of ${variant.firmware.name}: nobody has its file`,
      );
    if (!variant.artifact)
      throw new LabError('artifact.not-ready', `${variant.id} is ${variant.state}; there is no plan of it yet`, {
        state: variant.state,
      });
    const planned = await this.want(variant.id);
    if ('plan' in planned) return planned.plan;
    const { code, message, node } = planned.error;
    throw new LabError(code, message, { ...(node !== undefined && { node }) });
  }

  /** What held it up may be over. */
  wake(): void {
    if (this.#running || this.#stop.signal.aborted || this.#waiting.size === 0 || this.#hold()) return;
    this.#running = true;
    void this.#drain().finally(() => {
      this.#running = false;
      if (this.busy) this.wake();
      else this.idle.emit();
    });
  }

  async #drain(): Promise<void> {
    for (const [variantId, waiting] of this.#waiting) {
      if (this.#stop.signal.aborted || this.#hold()) return;
      const planned = await this.#settle(variantId);
      this.#waiting.delete(variantId);
      waiting.settle(planned);
      // Those who wait for it are asked again at the next start.
      if (!this.#stop.signal.aborted) this.settled.emit(planned);
    }
  }

  /** Never rejects. */
  async #settle(variantId: string): Promise<Planned> {
    try {
      return { variantId, ...(await this.#make(variantId)) };
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#log.error({ variantId, err: error }, 'no plan could be made');
      const message = `the plan could not be made: ${errorText(error)}`.slice(0, 2000);
      return { variantId, error: { code: 'lab.internal', message }, isOurs: true };
    }
  }

  async #make(variantId: string): Promise<{ plan: CompiledPlan } | { error: PlanError; isOurs: false }> {
    const { manager } = this.database.reader;
    const row = await manager.findOneByOrFail(VariantEntity, { id: variantId });
    const model = await manager.findOneByOrFail(ModelEntity, { id: row.modelId });
    if (row.artifactSha256 === null) throw new Error('the variant has no artifact');
    const inputs = row.interface?.inputs ?? model.inputs;
    const planKey = keyOf(row.artifactSha256, inputs);
    const twins = await manager.findBy(VariantEntity, { planKey });
    const own = twins.find((twin) => twin.id === variantId && this.#isWhole(twin));
    const twin = own ?? twins.find((each) => this.#isWhole(each));
    const known = twin && { plan: twin.plan, planError: twin.planError };
    const { plan, planError } = known ?? (await this.#compile(row.artifactSha256, inputs));
    if (!own) await this.#store(row, { plan, planError, planKey, planSha256: plan?.sha256 ?? null });
    return plan ? { plan } : { error: planError!, isOurs: false };
  }

  async #compile(artifact: string, inputs: readonly TensorInfo[]): Promise<Pick<VariantEntity, 'plan' | 'planError'>> {
    this.blobs.bytes(artifact);
    const outputFile = this.blobs.scratch();
    try {
      const plan = await this.pool.run(
        compilePlanTask,
        { artifactFile: this.blobs.path(artifact), inputs, outputFile },
        { signal: this.#stop.signal },
      );
      await this.blobs.adopt(outputFile, plan.sha256);
      this.#log.info({ artifact, ...plan }, 'plan made');
      return { plan, planError: null };
    } catch (error) {
      if (!isLabError(error) || !/^(plan|model)\./.test(error.code)) throw error;
      const { node } = error.details;
      const planError = {
        code: error.code,
        message: error.message.slice(0, 2000),
        ...(typeof node === 'string' && { node }),
      };
      this.#log.info({ artifact, ...planError }, 'no plan of this artifact');
      return { plan: null, planError };
    } finally {
      await rm(outputFile, { force: true });
    }
  }

  async #store(row: VariantEntity, change: Partial<VariantEntity>): Promise<void> {
    await this.database.write(
      async (manager) => {
        const done = await manager.update(
          VariantEntity,
          { id: row.id, artifactSha256: row.artifactSha256 },
          { ...change },
        );
        // The model may have been removed meanwhile.
        if (done.affected === 0) return;
        if (change.planSha256) await this.references.add(manager, row.modelId, [change.planSha256]);
        this.database.afterCommit(() => this.live.touch('variant', row.id));
      },
      { label: 'variant.plan' },
    );
  }

  #isWhole({ plan, planError }: VariantEntity): boolean {
    return planError !== null || (plan !== null && this.blobs.has(plan.sha256));
  }
}

/** A plan depends on the artifact, the shapes it is run with, and who compiles it. */
const keyOf = (artifact: string, inputs: readonly TensorInfo[]): string =>
  createHash('sha256')
    .update(JSON.stringify([artifact, inputs.map(({ name, dims }) => [name, dims]), planCompilerVersion]))
    .digest('hex');
