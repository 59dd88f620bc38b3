import { LabError, type PowerDocument } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { Database } from '../links/database.js';
import { WorkerPool } from '../links/worker-pool.js';
import { ObservationStore } from '../runs/observation-store.js';
import { RunEntity } from '../runs/run.entity.js';
import { powerTask } from './power-task.js';

/** Twice the pixels of the widest panel: more cannot be seen. */
const mostBuckets = 2000;

/** The power beside runs, for screens. */
@Injectable()
export class PowerService {
  constructor(
    private readonly database: Database,
    private readonly observations: ObservationStore,
    private readonly pool: WorkerPool,
  ) {}

  /** Of the counted attempt, as far as it has arrived. Throws `run.unknown`. */
  async ofRun(id: string): Promise<PowerDocument> {
    const run = await this.database.reader.getRepository(RunEntity).findOneBy({ id });
    if (!run) throw new LabError('run.unknown', 'there is no such run; `hilltop runs` lists them', { run: id });
    const read = (kind: 'mark' | 'reading' | 'power') => this.observations.segments(id, run.attempt, { kind });
    const parts = await Promise.all([read('mark'), read('reading'), read('power')]);
    return this.pool.run(powerTask, {
      segments: parts.flatMap(({ segments }) => segments),
      blobs: new Map(parts.flatMap(({ blobs }) => [...blobs])),
      sensors: run.environment?.sensors ?? [],
      mostBuckets,
    });
  }
}
