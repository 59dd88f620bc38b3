import { errorText, isLabError, type RunError, type Verdict } from '@hilltop/contracts';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { In, Not } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { BlobStore } from '../links/blob-store.js';
import { Database } from '../links/database.js';
import { Signal } from '../links/signal.js';
import { WorkerPool } from '../links/worker-pool.js';
import { LOG, type Log } from '../log.js';
import { BlobReferences } from '../models/blob-references.js';
import { ModelEntity } from '../models/model.entity.js';
import { ObservationStore } from '../runs/observation-store.js';
import { RunEntity } from '../runs/run.entity.js';
import { RunLedger } from '../runs/run-ledger.js';
import { VariantEntity } from '../variants/variant.entity.js';
import { boardArtifactMetrics } from './board.js';
import { type Summarized, summaryVersion } from './summarize.js';
import { summarizeTask } from './summarize-task.js';
import { SummaryEntity } from './summary.entity.js';

/** The model as it was pushed: what quality and cost are compared with. */
export const fp32 = 'fp32';

/** The lab's own failures pass: a full disk, a worker that died. The observations stay, so it is tried again, ms. */
const retryMs = [1_000, 10_000, 60_000] as const;

/** By something that was seen: where only evidence is missing, another run will miss it too. */
const isDisturbed = ({ evidence }: Verdict): boolean => evidence.some(({ level }) => level !== 'ok');

/** Turns reported runs into succeeded ones with a summary; what a stop interrupted is done at the next start. */
@Injectable()
export class SummaryService implements OnApplicationBootstrap, OnApplicationShutdown {
  /** A summary was written or written anew; its transaction is committed. */
  readonly written = new Signal<{ runId: string; modelId: string; deviceId: string }>();
  readonly #log: Log;
  readonly #running = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(
    private readonly database: Database,
    private readonly blobs: BlobStore,
    private readonly references: BlobReferences,
    private readonly observations: ObservationStore,
    private readonly ledger: RunLedger,
    private readonly pool: WorkerPool,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'summaries' });
    ledger.committed.listen((news) => {
      for (const runId of news.reporting) this.#begin(runId);
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const { id } of await this.database.reader.getRepository(RunEntity).findBy({ state: 'reporting' }))
      this.#begin(id);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    await this.idle();
  }

  /** Resolves when every run that was reported has its summary. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  #begin(runId: string, tries = 0): void {
    if (this.#running.has(runId) || this.#stopped) return;
    this.#running.set(
      runId,
      this.#summarise(runId, tries).finally(() => this.#running.delete(runId)),
    );
  }

  #later(runId: string, tries: number): void {
    setTimeout(() => this.#begin(runId, tries + 1), retryMs[tries]).unref();
  }

  async #summarise(runId: string, tries: number): Promise<void> {
    try {
      const run = await this.database.reader.getRepository(RunEntity).findOneBy({ id: runId });
      if (run?.state !== 'reporting') return;
      const { summarized, predictedBlob } = await this.#compute(run);
      await this.ledger.write('summary', async (entry) => {
        const now = await entry.run(runId);
        if (now?.state !== 'reporting') return;
        await this.#store(entry.manager, run, summarized, predictedBlob, entry.at);
        if (isDisturbed(summarized.verdict)) await entry.repeat(now);
        await entry.finish(now, await entry.current(now), 'succeeded', {
          metrics: summarized.metrics,
          energy: summarized.energy ?? null,
          verdict: summarized.verdict,
          error: null,
        });
        this.#announce(run);
      });
      this.#log.info({ runId, jobId: run.jobId, verdict: summarized.verdict.verdict }, 'run succeeded');
      if (run.recipe === fp32 && predictedBlob !== null) await this.#agreementOfOthers(run);
    } catch (error) {
      if (this.#stopped) return;
      this.#log.error({ runId, err: error }, 'a run could not be summarised');
      const own = !isLabError(error) || error.code === 'lab.internal';
      if (own && tries < retryMs.length) this.#later(runId, tries);
      else await this.#fail(runId, error).catch(() => this.#later(runId, retryMs.length - 1));
    }
  }

  async #fail(runId: string, cause: unknown): Promise<void> {
    const error: RunError = isLabError(cause)
      ? { code: cause.code, message: cause.message, cause: cause.code === 'lab.internal' ? 'infrastructure' : 'device' }
      : { code: 'lab.internal', message: errorText(cause).slice(0, 500), cause: 'infrastructure' };
    await this.ledger.write('summary.failed', async (entry) => {
      const run = await entry.run(runId);
      if (run?.state === 'reporting') await entry.finish(run, await entry.current(run), 'failed', { error });
    });
  }

  async #compute(run: RunEntity): Promise<{ summarized: Summarized; predictedBlob: string | null }> {
    const { manager } = this.database.reader;
    const device = await manager.findOneByOrFail(DeviceEntity, { id: run.deviceId });
    const model = await manager.findOneByOrFail(ModelEntity, { id: run.modelId });
    const variant = await manager.findOneByOrFail(VariantEntity, { id: run.variantId });
    const isBoard = device.kind === 'microcontroller';
    const reference = run.recipe === fp32 ? 'self' : await this.#reference(run, isBoard);
    const plan = variant.plan?.sha256 === run.artifactSha256 ? variant.plan : null;
    const ticks = device.facts.mcu?.ticks;
    const { segments, blobs } = await this.observations.segments(run.id, run.attempt);
    const summarized = await this.pool.run(summarizeTask, {
      segments,
      blobs,
      protocol: run.protocol,
      deviceType: device.type,
      // Of one inside a firmware nobody knows how large it is.
      artifactMetrics:
        isBoard && !variant.firmware
          ? boardArtifactMetrics(variant.metrics, run.artifactBytes ?? 0, plan)
          : variant.metrics,
      ...(run.environment?.sensors && { sensors: run.environment.sensors }),
      ...(!isBoard && run.settings.batch !== undefined && { batch: run.settings.batch }),
      ...(isBoard && { board: { ...(ticks && { ticks }) } }),
      labelled: model.evaluation?.labelled ?? false,
      ...(run.transferBytes !== null && !variant.firmware && { transferBytes: run.transferBytes }),
      ...(reference && { reference }),
    });
    const { predicted } = summarized;
    const bytes = predicted && new Uint8Array(predicted.buffer, predicted.byteOffset, predicted.byteLength);
    const predictedBlob =
      bytes && bytes.length > 0 ? (await this.blobs.put(bytes, { maxBytes: bytes.length })).sha256 : null;
    return { summarized, predictedBlob };
  }

  async #store(
    manager: Database['reader']['manager'],
    run: RunEntity,
    summarized: Summarized,
    predictedBlob: string | null,
    at: string,
  ): Promise<void> {
    const { key, metrics, verdict, basis, energy = null } = summarized;
    await manager.upsert(
      SummaryEntity,
      { runId: run.id, key, metrics, verdict, basis, energy, predictedBlob, version: summaryVersion, createdAt: at },
      ['runId'],
    );
    if (predictedBlob !== null) await this.references.add(manager, run.modelId, [predictedBlob]);
  }

  /**
   * What fp32 predicted on the same device over the same items. A microcontroller runs no floats: for it, the newest that fp32
   * predicted on any device.
   */
  async #reference(run: RunEntity, isBoard: boolean): Promise<Int32Array | undefined> {
    const { modelId, deviceId, evaluationSha256: set } = run;
    const rows = this.database.reader
      .getRepository(SummaryEntity)
      .createQueryBuilder('summary')
      .innerJoinAndSelect('summary.run', 'run')
      .where(
        'run.modelId = :modelId AND run.recipe = :fp32 AND run.evaluationSha256 = :set AND summary.predictedBlob IS NOT NULL',
        { modelId, fp32, set },
      );
    if (!isBoard) rows.andWhere('run.deviceId = :deviceId', { deviceId });
    const row = await rows.orderBy('run.position', 'DESC').getOne();
    if (!row?.predictedBlob || !this.blobs.has(row.predictedBlob)) return undefined;
    const bytes = new Uint8Array(await this.blobs.read(row.predictedBlob));
    return new Int32Array(bytes.buffer, 0, bytes.byteLength / 4);
  }

  /** Runs that came before fp32 get their agreement now: a summary can be computed again at any time. */
  async #agreementOfOthers(run: RunEntity): Promise<void> {
    const boards = await this.database.reader
      .getRepository(DeviceEntity)
      .find({ select: { id: true }, where: { kind: 'microcontroller' } });
    const others = await this.database.reader.getRepository(RunEntity).findBy({
      modelId: run.modelId,
      deviceId: In([run.deviceId, ...boards.map((board) => board.id)]),
      state: 'succeeded',
      recipe: Not(fp32),
    });
    for (const other of others) {
      if (other.metrics.agreement !== undefined || this.#stopped) continue;
      const { summarized, predictedBlob } = await this.#compute(other);
      if (summarized.metrics.agreement === undefined) continue;
      await this.ledger.write('summary.again', async (entry) => {
        const now = await entry.run(other.id);
        if (now?.state !== 'succeeded') return;
        await this.#store(entry.manager, now, summarized, predictedBlob, entry.at);
        await entry.manager.update(
          RunEntity,
          { id: now.id },
          { metrics: summarized.metrics, energy: summarized.energy ?? null, verdict: summarized.verdict },
        );
        entry.news.runs.add(now.id);
        this.#announce(now);
      });
    }
  }

  #announce({ id, modelId, deviceId }: RunEntity): void {
    this.database.afterCommit(() => this.written.emit({ runId: id, modelId, deviceId }));
  }
}
