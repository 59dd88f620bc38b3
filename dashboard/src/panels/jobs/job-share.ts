import type { Job } from '@hilltop/contracts';

export interface JobShare {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  /** 0 to 1; what failed or was cancelled is done as well. */
  readonly fraction: number;
  readonly failedFraction: number;
}

/** How far a job is, over all devices. */
export function jobShare(job: Pick<Job, 'counts'>): JobShare {
  const { counts } = job;
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  const done = counts.succeeded + counts.failed + counts.cancelled;
  return {
    total,
    done,
    failed: counts.failed,
    fraction: total === 0 ? 0 : done / total,
    failedFraction: total === 0 ? 0 : counts.failed / total,
  };
}

/** Newest first; the running ones before the ended ones. */
export function orderJobs<T extends Pick<Job, 'state' | 'createdAt'>>(jobs: readonly T[]): T[] {
  const isOpen = (job: T): number => Number(job.state === 'queued' || job.state === 'running');
  return [...jobs].sort((a, b) => isOpen(b) - isOpen(a) || b.createdAt.localeCompare(a.createdAt));
}

/** What a job is called when nobody named it. */
export function jobTitle(job: Pick<Job, 'name' | 'modelName' | 'recipes'>): string {
  return job.name ?? `${job.modelName}: ${job.recipes.length === 1 ? job.recipes[0] : `${job.recipes.length} recipes`}`;
}
