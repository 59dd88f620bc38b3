import { protocolOf, type RunSettings } from '@hilltop/contracts';
import type { JobEntity, JobPurpose } from '../../jobs/job.entity.js';

export interface JobWishes {
  readonly devices: readonly string[];
  readonly recipes?: readonly string[];
  readonly settings?: readonly RunSettings[];
  readonly parallel?: number;
  readonly maxFailures?: number;
  readonly owner?: string;
  readonly priority?: number;
  readonly replicates?: number;
  readonly purpose?: JobPurpose;
}

/** What of a new job's row does not depend on what the database holds. */
export function jobRow(wish: JobWishes): Partial<JobEntity> {
  return {
    name: null,
    selector: { devices: [], labels: {} },
    protocol: protocolOf('quick'),
    settings: [...(wish.settings ?? [{ threads: 1, graphLevel: 'all' as const }])],
    parallel: wish.parallel ?? null,
    maxFailures: wish.maxFailures ?? null,
    priority: wish.priority ?? 0,
    replicates: wish.replicates ?? null,
    purpose: wish.purpose ?? 'measure',
    owner: wish.owner ?? '',
    sweepId: null,
    state: 'queued',
    error: null,
    createdBy: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: null,
    endedAt: null,
  };
}
