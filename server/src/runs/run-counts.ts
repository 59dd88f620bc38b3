import { type RunState, runStates } from '@hilltop/contracts';
import { type EntityManager, In } from 'typeorm';
import type { RunCounts } from '../jobs/job-outcome.js';
import { RunEntity } from './run.entity.js';

export const noRuns = (): RunCounts => Object.fromEntries(runStates.map((state) => [state, 0])) as RunCounts;

/** Runs of jobs by device and state. */
export async function countRuns(
  manager: EntityManager,
  jobIds: readonly string[],
): Promise<Array<{ jobId: string; deviceId: string; state: RunState; n: number }>> {
  if (jobIds.length === 0) return [];
  const rows = await manager
    .createQueryBuilder(RunEntity, 'run')
    .select('run.jobId', 'jobId')
    .addSelect('run.deviceId', 'deviceId')
    .addSelect('run.state', 'state')
    .addSelect('COUNT(*)', 'n')
    .where({ jobId: In([...jobIds]) })
    .groupBy('run.jobId')
    .addGroupBy('run.deviceId')
    .addGroupBy('run.state')
    .getRawMany<{ jobId: string; deviceId: string; state: RunState; n: number | string }>();
  return rows.map((row) => ({ ...row, n: Number(row.n) }));
}
