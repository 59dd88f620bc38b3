import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import { JobEntity } from '../jobs/job.entity.js';
import { type HolderWork, LeaseWork } from '../leases/lease-work.js';
import { RunEntity } from './run.entity.js';

const running = ['claimed', 'preparing', 'running', 'reporting'] as const;

/** Tells leases what the jobs of their holders do: one that waits takes the device, one that measures keeps it. */
@Injectable()
export class HolderWorkSource implements OnModuleInit {
  constructor(private readonly leases: LeaseWork) {}

  onModuleInit(): void {
    this.leases.register(holderWork);
  }
}

/** Runs of these owners on these devices that have not ended. */
export async function holderWork(
  manager: EntityManager,
  holds: ReadonlyArray<{ owner: string; deviceId: string }>,
): Promise<HolderWork[]> {
  const owners = [...new Set(holds.map(({ owner }) => owner))];
  const jobs = await manager.find(JobEntity, {
    where: { owner: In(owners), state: In(['queued', 'running']) },
    select: { id: true, owner: true },
  });
  const ownerOf = new Map(jobs.map(({ id, owner }) => [id, owner]));
  if (ownerOf.size === 0) return [];
  const runs = await manager
    .createQueryBuilder(RunEntity, 'run')
    .select(['run.jobId AS jobId', 'run.deviceId AS deviceId', 'run.state AS state'])
    .where({ jobId: In([...ownerOf.keys()]), deviceId: In([...new Set(holds.map(({ deviceId }) => deviceId))]) })
    .andWhere({ state: In(['queued', ...running]) })
    .groupBy('run.jobId, run.deviceId, run.state')
    .getRawMany<{ jobId: string; deviceId: string; state: string }>();
  return runs.map(({ jobId, deviceId, state }) => ({
    owner: ownerOf.get(jobId)!,
    deviceId,
    state: state === 'queued' ? 'waiting' : 'running',
  }));
}
