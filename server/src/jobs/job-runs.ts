import type { Device, Job, Waiting } from '@hilltop/contracts';
import type { EntityManager } from 'typeorm';
import type { ModelEntity } from '../models/model.entity.js';
import type { VariantEntity } from '../variants/variant.entity.js';
import type { JobEntity } from './job.entity.js';

export interface JobPlan {
  readonly job: JobEntity;
  readonly model: ModelEntity;
  readonly variants: readonly VariantEntity[];
  readonly devices: readonly Pick<Device, 'id' | 'name' | 'kind' | 'facts'>[];
}

export type JobProgress = Pick<Job, 'counts' | 'devices'>;

/** What a job needs of its runs. Implemented by `runs`, which a job may not know. */
export abstract class JobRuns {
  /** The job's `replicates` runs for each device x variant x settings. Within a transaction. */
  abstract create(manager: EntityManager, plan: JobPlan): Promise<void>;
  /** Runs by state, and each device's own progress and cause; `manager`: within a transaction. */
  abstract progress(jobIds: readonly string[], manager?: EntityManager): Promise<Map<string, JobProgress>>;
  /** Of jobs that wait: what their first run waits for, as of now. */
  abstract waiting(jobIds: readonly string[]): Promise<Map<string, Waiting>>;
  /** Cancels what waits, tells those who hold the rest. Its own transaction together with the job's error. */
  abstract cancel(jobId: string, error: NonNullable<Job['error']>): Promise<void>;
}
