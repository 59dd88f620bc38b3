import {
  type Change,
  LabError,
  type ObservationKind,
  type PageQuery,
  type Run,
  type RunState,
} from '@hilltop/contracts';
import { Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { In } from 'typeorm';
import { decodeCursor, page } from '../access/page.js';
import { DeviceEntity } from '../devices/device.entity.js';
import { DeviceService } from '../devices/device.service.js';
import { Database } from '../links/database.js';
import { WorkerPool } from '../links/worker-pool.js';
import { LiveService } from '../live/live.service.js';
import { ModelService } from '../models/model.service.js';
import { AttemptEntity } from './attempt.entity.js';
import { heldRun } from './ledger-entry.js';
import { ObservationStore } from './observation-store.js';
import { observationsTask } from './observations-task.js';
import { RunEntity } from './run.entity.js';
import { RunProgress } from './run-progress.js';
import { repeatsOf } from './run-repeats.js';
import { runView } from './run-view.js';
import { RunWaiting } from './run-waiting.js';

export interface RunFilter {
  readonly job?: string | undefined;
  readonly device?: string | undefined;
  readonly model?: string | undefined;
  readonly state?: RunState | undefined;
}

/** Runs of a snapshot of a device. */
const recentRuns = 50;

/** Runs as people see them. */
@Injectable()
export class RunService implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly devices: DeviceService,
    private readonly models: ModelService,
    private readonly observations: ObservationStore,
    private readonly progress: RunProgress,
    private readonly waiting: RunWaiting,
    private readonly live: LiveService,
    private readonly pool: WorkerPool,
  ) {}

  onModuleInit(): void {
    const rows = (where: object, take?: number) =>
      this.database.reader
        .getRepository(RunEntity)
        .find({ where, order: { position: 'DESC' }, ...(take !== undefined && { take }) });
    this.live.register('run', {
      load: async (ids) => this.#changes(await rows({ id: In([...ids]) })),
      list: async (topic) => {
        if (topic.startsWith('job/')) return this.#changes(await rows({ jobId: topic.slice(4) }));
        if (topic.startsWith('model/')) return this.#changes(await rows({ modelId: topic.slice(6) }, recentRuns * 10));
        return topic.startsWith('device/') ? this.#changes(await rows({ deviceId: topic.slice(7) }, recentRuns)) : [];
      },
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    const held = await this.database.reader
      .getRepository(AttemptEntity)
      .find({ where: { state: In(['claimed', 'preparing', 'running']) }, relations: { run: true } });
    for (const { agentId, run } of held) if (run) this.progress.begin(heldRun(run, agentId));
  }

  /** Newest first. Throws `device.unknown`, `request.not-found` for a model, `cursor.invalid`. */
  async list(query: PageQuery & RunFilter): Promise<{ items: Run[]; next?: string }> {
    const rows = this.database.reader.getRepository(RunEntity).createQueryBuilder('run').where('1 = 1');
    if (query.job !== undefined) rows.andWhere('run.jobId = :jobId', { jobId: query.job });
    if (query.device !== undefined)
      rows.andWhere('run.deviceId = :deviceId', { deviceId: (await this.devices.find(query.device)).id });
    if (query.model !== undefined)
      rows.andWhere('run.modelId = :modelId', { modelId: (await this.models.find(query.model)).id });
    if (query.state !== undefined) rows.andWhere('run.state = :state', { state: query.state });
    if (query.cursor !== undefined) rows.andWhere('run.position < :at', { at: positionOf(query.cursor) });
    const found = await rows
      .orderBy('run.position', 'DESC')
      .limit(query.limit + 1)
      .getMany();
    const views = await this.#asked(found);
    return page(
      found,
      query.limit,
      (row) => ({ at: String(row.position), id: row.id }),
      (row) => views.get(row.id)!,
    );
  }

  /** Throws `run.unknown`. */
  async show(id: string): Promise<Run> {
    const row = await this.#find(id);
    return (await this.#asked([row])).get(row.id)!;
  }

  /**
   * Raw observations of one kind as text, block by block: of the counted attempt, or of another one.
   * Throws `run.unknown`, `summary.no-observations`.
   */
  async raw(
    id: string,
    wish: { kind: ObservationKind; format: 'json' | 'csv'; attempt?: number | undefined },
  ): Promise<Uint8Array> {
    const { kind, format, attempt } = wish;
    const row = await this.#find(id);
    const n = attempt ?? row.attempt;
    if (!(await this.database.reader.getRepository(AttemptEntity).existsBy({ runId: id, n }))) {
      throw new LabError('summary.no-observations', `the run has no attempt ${n} yet`, { attempt: n });
    }
    const { segments, blobs } = await this.observations.segments(id, n, { kind });
    return this.pool.run(observationsTask, { segments, blobs, kind, format });
  }

  async #find(id: string): Promise<RunEntity> {
    const row = await this.database.reader.getRepository(RunEntity).findOneBy({ id });
    if (!row) throw new LabError('run.unknown', 'there is no such run; `hilltop runs` lists them', { run: id });
    return row;
  }

  async #views(rows: readonly RunEntity[]): Promise<Map<string, Run>> {
    const devices = await this.database.reader.getRepository(DeviceEntity).find({
      select: { id: true, name: true },
      where: { id: In([...new Set(rows.map((row) => row.deviceId))]) },
    });
    const names = new Map(devices.map((device) => [device.id, device.name]));
    const repeats = await repeatsOf(this.database.reader.manager, rows);
    return new Map(
      rows.map((row) => {
        const name = names.get(row.deviceId) ?? row.deviceId;
        return [row.id, runView(row, name, this.progress.of(row.id), repeats.get(row.id))];
      }),
    );
  }

  /** With what each waits for. */
  async #asked(rows: readonly RunEntity[]): Promise<Map<string, Run>> {
    const views = await this.#views(rows);
    for (const [id, waiting] of await this.waiting.of(rows)) views.set(id, { ...views.get(id)!, waiting });
    return views;
  }

  async #changes(rows: readonly RunEntity[]): Promise<Change[]> {
    return [...(await this.#views(rows)).values()].map((value) => ({ kind: 'run', id: value.id, value }));
  }
}

/** Throws `cursor.invalid`. */
function positionOf(cursor: string): number {
  const at = Number(decodeCursor(cursor).at);
  if (!Number.isSafeInteger(at))
    throw new LabError('cursor.invalid', 'this cursor is not one of ours; start again without it');
  return at;
}
