import { type Job, LabError, type RunError, type RunSettings, settingsRefusal, type Waiting } from '@hilltop/contracts';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type EntityManager, In, IsNull, Not } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { DeviceService } from '../devices/device.service.js';
import { newId } from '../ids.js';
import { JobEntity } from '../jobs/job.entity.js';
import { type JobPlan, type JobProgress, JobRuns } from '../jobs/job-runs.js';
import { Database } from '../links/database.js';
import { PlanMaker, type Planned } from '../variants/plan-maker.js';
import { VariantEntity } from '../variants/variant.entity.js';
import { VariantBuilder } from '../variants/variant-builder.js';
import { boardRefusal, firmwareRefusal } from './board-refusal.js';
import type { LedgerEntry } from './ledger-entry.js';
import { RunEntity } from './run.entity.js';
import { countRuns, noRuns } from './run-counts.js';
import { RunLedger } from './run-ledger.js';
import { RunWaiting } from './run-waiting.js';
import { thereAndBack } from './there-and-back.js';

/** A board has one core and runs the plan as it is: threads and graph levels mean nothing to it. */
const boardSettings: readonly RunSettings[] = [{ threads: 1, graphLevel: 'all' }];

/** Rows of one INSERT: SQLite binds at most 32,766 values. */
const insertRows = 200;

/**
 * The runs of jobs: made on submission, given their artifact when it is built (on a microcontroller: their plan when it is compiled),
 * cancelled with the job.
 */
@Injectable()
export class JobRunsService extends JobRuns implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly ledger: RunLedger,
    private readonly builder: VariantBuilder,
    private readonly plans: PlanMaker,
    private readonly devices: DeviceService,
    private readonly waits: RunWaiting,
  ) {
    super();
  }

  async onApplicationBootstrap(): Promise<void> {
    this.builder.settled.listen((variantId) => void this.variantSettled(variantId));
    this.plans.settled.listen((planned) => void this.planSettled(planned));
    this.devices.retired.listen(({ deviceId }) => void this.#deviceRetired(deviceId));
    const waiting = await this.database.reader.getRepository(RunEntity).find({
      select: { variantId: true },
      where: { state: 'queued', artifactSha256: IsNull() },
    });
    for (const variantId of new Set(waiting.map((run) => run.variantId))) await this.variantSettled(variantId);
  }

  override create(manager: EntityManager, plan: JobPlan): Promise<void> {
    return this.ledger.write('runs.create', async (entry) => {
      const ids = plan.devices.map((device) => device.id);
      const gone = await manager.findOneBy(DeviceEntity, { id: In(ids), state: 'retired' });
      // It was still there when it was chosen; its runs would wait for ever.
      if (gone)
        throw new LabError('device.unknown', 'a device was retired meanwhile; submit again', { device: gone.id });
      let position = Number((await manager.maximum(RunEntity, 'position')) ?? 0);
      const rows = plan.devices.flatMap((device) =>
        thereAndBack(
          plan.variants.flatMap((variant) =>
            (device.kind === 'microcontroller' ? boardSettings : plan.job.settings).map((settings) => ({
              variant,
              settings,
            })),
          ),
          plan.job.replicates ?? 1,
        ).map(({ variant, settings }) =>
          manager.create(RunEntity, {
            id: newId('run'),
            position: ++position,
            jobId: plan.job.id,
            modelId: plan.model.id,
            variantId: variant.id,
            recipe: variant.recipeName,
            deviceId: device.id,
            protocol: plan.job.protocol,
            settings,
            ...artifactOf(variant, device),
            evaluationSha256: plan.model.evaluation?.sha256 ?? null,
            state: 'queued',
            attempt: 0,
            metrics: {},
            queuedAt: entry.at,
          }),
        ),
      );
      for (let at = 0; at < rows.length; at += insertRows)
        await manager.insert(RunEntity, rows.slice(at, at + insertRows));
      for (const row of rows) entry.news.runs.add(row.id);
      const known = new Map(plan.devices.map((device) => [device.id, device]));
      for (const row of rows) {
        const device = known.get(row.deviceId)!;
        const refusal = device.kind === 'host' ? settingsRefusal(device, row.settings) : undefined;
        if (refusal) await entry.finish(row, null, 'failed', { error: { ...refusal, cause: 'user' } });
      }
      for (const device of plan.devices) entry.news.queues.add(device.id);
      entry.news.jobs.add(plan.job.id);
      const ready = plan.variants.filter((variant) => variant.state === 'ready');
      for (const variant of ready.filter(({ firmware }) => firmware)) await this.#firmwareSettled(entry, variant);
      if (!plan.devices.some((device) => device.kind === 'microcontroller')) return;
      this.database.afterCommit(() => {
        for (const { id, firmware } of ready) if (!firmware) void this.plans.want(id);
      });
    });
  }

  override async progress(
    jobIds: readonly string[],
    manager: EntityManager = this.database.reader.manager,
  ): Promise<Map<string, JobProgress>> {
    const rows = await countRuns(manager, jobIds);
    const names = await manager.find(DeviceEntity, {
      select: { id: true, name: true },
      where: { id: In([...new Set(rows.map((row) => row.deviceId))]) },
    });
    const nameOf = new Map(names.map((row) => [row.id, row.name]));
    const errors = await this.#errors(manager, jobIds);
    return new Map(
      jobIds.map((jobId) => {
        const counts = noRuns();
        const devices = new Map<string, JobProgress['devices'][number]>();
        for (const row of rows.filter((r) => r.jobId === jobId)) {
          counts[row.state] += row.n;
          const error = errors.get(`${jobId} ${row.deviceId}`);
          const device = devices.get(row.deviceId) ?? {
            deviceId: row.deviceId,
            deviceName: nameOf.get(row.deviceId) ?? row.deviceId,
            total: 0,
            done: 0,
            failed: 0,
            ...(error && { error }),
          };
          device.total += row.n;
          if (row.state === 'succeeded' || row.state === 'failed' || row.state === 'cancelled') device.done += row.n;
          if (row.state === 'failed') device.failed += row.n;
          devices.set(row.deviceId, device);
        }
        return [
          jobId,
          { counts, devices: [...devices.values()].sort((a, b) => (a.deviceName < b.deviceName ? -1 : 1)) },
        ];
      }),
    );
  }

  override waiting(jobIds: readonly string[]): Promise<Map<string, Waiting>> {
    return this.waits.ofJobs(jobIds);
  }

  override cancel(jobId: string, error: NonNullable<Job['error']>): Promise<void> {
    return this.ledger.write('job.cancel', async (entry) => {
      const changed = await entry.manager.update(JobEntity, { id: jobId, endedAt: IsNull() }, { error });
      if (changed.affected === 0) return;
      for (const run of await entry.manager.findBy(RunEntity, {
        jobId,
        state: Not(In(['succeeded', 'failed', 'cancelled'])),
      }))
        await entry.cancel(run, error);
      entry.news.jobs.add(jobId);
    });
  }

  /** A variant is ready: its runs may start. It failed: so did they, and it was no device's fault. */
  async variantSettled(variantId: string): Promise<void> {
    await this.ledger.write('variant.settled', async (entry) => {
      const variant = await entry.manager.findOneBy(VariantEntity, { id: variantId });
      if (variant?.state !== 'ready' && variant?.state !== 'failed') return;
      if (variant.firmware) return this.#firmwareSettled(entry, variant);
      const runs = await entry.manager.findBy(RunEntity, { variantId, state: 'queued', artifactSha256: IsNull() });
      const error: RunError = {
        code: variant.error?.code ?? 'pass.failed',
        message: variant.error?.message ?? 'the variant could not be built',
        cause: 'user',
      };
      const boards = await this.#boardsOf(entry, runs);
      for (const run of runs) {
        if (variant.state === 'failed') await entry.finish(run, null, 'failed', { error });
        else if (!boards.has(run.deviceId))
          await this.#equip(entry, run, variant.artifactSha256, variant.artifactBytes);
      }
      if (variant.state === 'ready' && boards.size > 0)
        this.database.afterCommit(() => void this.plans.want(variantId));
    });
  }

  /** A variant's plan is there: its runs on boards that it fits may start. What cannot start fails at once, and nothing else does. */
  async planSettled(planned: Planned): Promise<void> {
    await this.ledger.write('plan.settled', async (entry) => {
      const { variantId } = planned;
      const runs = await entry.manager.findBy(RunEntity, { variantId, state: 'queued', artifactSha256: IsNull() });
      const boards = await this.#boardsOf(entry, runs);
      for (const run of runs) {
        const board = boards.get(run.deviceId);
        if (!board) continue;
        const error = boardRefusal(board, 'plan' in planned ? planned.plan : undefined) ?? errorOf(planned);
        if (error) await entry.finish(run, null, 'failed', { error });
        else if ('plan' in planned) await this.#equip(entry, run, planned.plan.sha256, planned.plan.bytes);
      }
    });
  }

  /** A variant inside a firmware: its runs on devices that have it may start, all others fail at once. */
  async #firmwareSettled(entry: LedgerEntry, variant: VariantEntity): Promise<void> {
    const { id: variantId, firmware, artifactSha256, artifactBytes } = variant;
    for (const run of await entry.manager.findBy(RunEntity, { variantId, state: 'queued', artifactSha256: IsNull() })) {
      const device = await entry.manager.findOneByOrFail(DeviceEntity, { id: run.deviceId });
      const error = firmwareRefusal(device, firmware!);
      if (error) await entry.finish(run, null, 'failed', { error });
      else await this.#equip(entry, run, artifactSha256, artifactBytes);
    }
  }

  async #equip(entry: LedgerEntry, run: RunEntity, artifactSha256: string | null, artifactBytes: number | null) {
    await entry.manager.update(RunEntity, { id: run.id }, { artifactSha256, artifactBytes });
    entry.news.runs.add(run.id);
    entry.news.queues.add(run.deviceId);
  }

  /** Those of the runs' devices that are microcontrollers, by id. */
  async #boardsOf(entry: LedgerEntry, runs: readonly RunEntity[]): Promise<Map<string, DeviceEntity>> {
    const ids = [...new Set(runs.map((run) => run.deviceId))];
    const rows = await entry.manager.findBy(DeviceEntity, { id: In(ids), kind: 'microcontroller' });
    return new Map(rows.map((row) => [row.id, row]));
  }

  async #deviceRetired(deviceId: string): Promise<void> {
    await this.ledger.write('device.retired', async (entry) => {
      const error: RunError = { code: 'device.unknown', message: 'the device was retired', cause: 'user' };
      for (const run of await entry.manager.findBy(RunEntity, { deviceId, state: 'queued' }))
        await entry.finish(run, null, 'cancelled', { error });
    });
  }

  /** The newest failure of each job on each device. */
  async #errors(manager: EntityManager, jobIds: readonly string[]): Promise<Map<string, RunError>> {
    if (jobIds.length === 0) return new Map();
    const failed = await manager.find(RunEntity, {
      select: { jobId: true, deviceId: true, error: true, endedAt: true },
      where: { jobId: In([...jobIds]), state: 'failed' },
      order: { endedAt: 'ASC' },
    });
    return new Map(failed.flatMap((run) => (run.error ? [[`${run.jobId} ${run.deviceId}`, run.error] as const] : [])));
  }
}

/** What a run has from the start. A board's plan is compiled first; who has a firmware that a variant is in is asked first. */
function artifactOf(
  { firmware, artifactSha256, artifactBytes }: VariantEntity,
  device: Pick<DeviceEntity, 'kind'>,
): Pick<RunEntity, 'artifactSha256' | 'artifactBytes'> {
  const waits = device.kind === 'microcontroller' || Boolean(firmware);
  return waits ? { artifactSha256: null, artifactBytes: null } : { artifactSha256, artifactBytes };
}

/** Why a variant has no plan. */
function errorOf(planned: Planned): RunError | undefined {
  if ('plan' in planned) return undefined;
  const { code, message } = planned.error;
  return { code, message, cause: planned.isOurs ? 'infrastructure' : 'user' };
}
