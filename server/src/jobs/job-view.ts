import type { Job, Waiting } from '@hilltop/contracts';
import type { JobEntity } from './job.entity.js';
import type { JobProgress } from './job-runs.js';

/** A job as it is told outside. */
export function jobView(row: JobEntity, progress: JobProgress, waiting?: Waiting): Job {
  return {
    id: row.id,
    ...(row.name !== null && { name: row.name }),
    modelId: row.modelId,
    modelName: row.modelName,
    recipes: row.recipes,
    selector: row.selector,
    protocol: row.protocol,
    settings: row.settings,
    ...(row.parallel !== null && { parallel: row.parallel }),
    ...(row.maxFailures !== null && { maxFailures: row.maxFailures }),
    priority: row.priority,
    ...(row.replicates !== null && { replicates: row.replicates }),
    ...(row.sweepId !== null && { sweepId: row.sweepId }),
    state: row.state,
    ...(row.error !== null && { error: row.error }),
    ...(waiting && { waiting }),
    counts: progress.counts,
    devices: progress.devices,
    ...(row.createdBy !== null && { createdBy: row.createdBy }),
    createdAt: row.createdAt,
    ...(row.startedAt !== null && { startedAt: row.startedAt }),
    ...(row.endedAt !== null && { endedAt: row.endedAt }),
  };
}
