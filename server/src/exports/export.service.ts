import {
  type ExportedKind,
  type ExportedRun,
  type ExportFormat,
  finalStates,
  LabError,
  type ObservationExportQuery,
  type RunExportQuery,
} from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { In, type SelectQueryBuilder } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { DeviceService } from '../devices/device.service.js';
import { BlobStore } from '../links/blob-store.js';
import { Database } from '../links/database.js';
import { WorkerPool } from '../links/worker-pool.js';
import { ModelEntity } from '../models/model.entity.js';
import { ModelService } from '../models/model.service.js';
import { ObservationSegmentEntity } from '../runs/observation-segment.entity.js';
import { RunEntity } from '../runs/run.entity.js';
import { repeatsOf } from '../runs/run-repeats.js';
import { runView } from '../runs/run-view.js';
import { SweepEntity } from '../sweeps/sweep.entity.js';
import { TrialEntity } from '../sweeps/trial.entity.js';
import { exportObservationsTask, observationHeading } from './export-observations-task.js';
import { runCsvHeading, runCsvLine } from './run-csv.js';
import { type Piece, writeDown } from './write-down.js';

/** Runs that are in memory at a time. */
const pageSize = 200;
/** Rows of observations that a worker writes down at a time: some megabytes of text. */
const mostRows = 50_000;

/** Runs and observations as files, however many: read page by page while they are sent. */
@Injectable()
export class ExportService {
  constructor(
    private readonly database: Database,
    private readonly devices: DeviceService,
    private readonly models: ModelService,
    private readonly blobs: BlobStore,
    private readonly pool: WorkerPool,
  ) {}

  /** Ended runs, oldest first. Throws `device.unknown`, `request.not-found` for a model, `sweep.unknown`, all before the first piece. */
  async runs(query: RunExportQuery): Promise<AsyncGenerator<Piece>> {
    const { format } = query;
    const filter = await this.#filterOf(query);
    return writeDown(textOf(this.#pages(filter), format), { format, heading: runCsvHeading() });
  }

  /**
   * Observations of one kind, of the attempt of each run that counts. Throws `request.invalid` without a run and a sweep or with both,
   * `run.unknown`, `sweep.unknown`.
   */
  async observations({ format, kind, run, sweep }: ObservationExportQuery): Promise<AsyncGenerator<Piece>> {
    if ((run === undefined) === (sweep === undefined))
      throw new LabError('request.invalid', 'say of which run or of which sweep: exactly one of the two');
    if (run !== undefined && !(await this.database.reader.getRepository(RunEntity).existsBy({ id: run })))
      throw new LabError('run.unknown', 'there is no such run; `hilltop runs` lists them', { run });
    const filter =
      run !== undefined
        ? (rows: SelectQueryBuilder<RunEntity>) => rows.andWhere('run.id = :run', { run })
        : await this.#filterOf({ sweep });
    return writeDown(this.#rows(filter, kind, format), { format, heading: observationHeading(kind) });
  }

  async #filterOf({
    model,
    device,
    sweep,
    since,
  }: Partial<RunExportQuery>): Promise<(rows: SelectQueryBuilder<RunEntity>) => unknown> {
    const modelId = model === undefined ? undefined : (await this.models.find(model)).id;
    const names = device?.split(',').map((name) => name.trim());
    const deviceIds = names && (await Promise.all(names.map(async (name) => (await this.devices.find(name)).id)));
    if (sweep !== undefined && !(await this.database.reader.getRepository(SweepEntity).existsBy({ id: sweep })))
      throw new LabError('sweep.unknown', 'there is no such sweep; `hilltop sweep ls` lists them', { sweep });
    return (rows) => {
      rows.andWhere('run.state IN (:...states)', { states: finalStates });
      if (modelId !== undefined) rows.andWhere('run.modelId = :modelId', { modelId });
      if (deviceIds) rows.andWhere('run.deviceId IN (:...deviceIds)', { deviceIds });
      // Instants of the lab are written alike, so they order as text.
      if (since !== undefined) rows.andWhere('run.endedAt >= :since', { since: new Date(since).toISOString() });
      if (sweep !== undefined) {
        const jobs = rows.subQuery().select('trial.jobId').from(TrialEntity, 'trial').where('trial.sweepId = :sweep');
        rows.andWhere(`run.jobId IN ${jobs.getQuery()}`, { sweep });
      }
    };
  }

  async *#rowPages(filter: (rows: SelectQueryBuilder<RunEntity>) => unknown): AsyncGenerator<RunEntity[]> {
    let after = -1;
    for (;;) {
      const rows = this.database.reader
        .getRepository(RunEntity)
        .createQueryBuilder('run')
        .where('run.position > :after', { after });
      filter(rows);
      const found = await rows.orderBy('run.position', 'ASC').limit(pageSize).getMany();
      const last = found.at(-1);
      if (!last) return;
      yield found;
      after = Number(last.position);
    }
  }

  async *#pages(filter: (rows: SelectQueryBuilder<RunEntity>) => unknown): AsyncGenerator<ExportedRun[]> {
    const { manager } = this.database.reader;
    for await (const rows of this.#rowPages(filter)) {
      const ids = (of: (row: RunEntity) => string): string[] => [...new Set(rows.map(of))];
      const devices = new Map(
        (await manager.findBy(DeviceEntity, { id: In(ids(({ deviceId }) => deviceId)) })).map((each) => [
          each.id,
          each,
        ]),
      );
      const models = new Map(
        (await manager.findBy(ModelEntity, { id: In(ids(({ modelId }) => modelId)) })).map((each) => [
          each.id,
          each.name,
        ]),
      );
      const repeats = await repeatsOf(manager, rows);
      yield rows.map((row) => {
        const device = devices.get(row.deviceId);
        return {
          ...runView(row, device?.name ?? row.deviceId, undefined, repeats.get(row.id)),
          modelName: models.get(row.modelId) ?? row.modelId,
          emulated: device?.emulated ?? false,
        };
      });
    }
  }

  async *#rows(
    filter: (rows: SelectQueryBuilder<RunEntity>) => unknown,
    kind: ExportedKind,
    format: ExportFormat,
  ): AsyncGenerator<Piece> {
    for await (const runs of this.#rowPages(filter))
      for (const { id, attempt } of runs)
        for (const segments of batches(await this.#segments(id, attempt, kind))) {
          const blobs = new Map<string, Uint8Array>();
          for (const { blob } of segments) if (!blobs.has(blob)) blobs.set(blob, await this.blobs.read(blob));
          yield await this.pool.run(exportObservationsTask, { attempt, segments, blobs, kind, format });
        }
  }

  #segments(runId: string, attempt: number, kind: ExportedKind): Promise<ObservationSegmentEntity[]> {
    return this.database.reader
      .getRepository(ObservationSegmentEntity)
      .find({ where: { runId, attempt, kind }, order: { seq: 'ASC' } });
  }
}

/** Segments one after the other, of so many rows together. */
function batches(segments: readonly ObservationSegmentEntity[]): ObservationSegmentEntity[][] {
  const out: ObservationSegmentEntity[][] = [];
  let rows = 0;
  for (const segment of segments) {
    const last = out.at(-1);
    if (last && rows + segment.rows <= mostRows) last.push(segment);
    else {
      out.push([segment]);
      rows = 0;
    }
    rows += segment.rows;
  }
  return out;
}

async function* textOf(pages: AsyncIterable<readonly ExportedRun[]>, format: ExportFormat): AsyncGenerator<string> {
  for await (const runs of pages) {
    if (format === 'csv') yield runs.map(runCsvLine).join('');
    else if (format === 'json') yield runs.map((run) => JSON.stringify(run)).join(',\n');
    else yield runs.map((run) => `${JSON.stringify(run)}\n`).join('');
  }
}
