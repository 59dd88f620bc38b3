import type { RunError } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import { Database } from '../links/database.js';
import { LiveService } from '../live/live.service.js';
import { AttemptEntity } from '../runs/attempt.entity.js';
import { RunEntity } from '../runs/run.entity.js';
import { TrialEntity } from './trial.entity.js';

/** Trials of one transaction. */
const batch = 100;

/** A job that has ended, or is gone with its model. */
const dueQuery = `
  SELECT trial.id AS "id" FROM trial LEFT JOIN job ON job.id = trial."jobId"
  WHERE trial.state = 'running' AND (job.id IS NULL OR job."endedAt" IS NOT NULL)
  ORDER BY job."endedAt", trial.number LIMIT ${batch}`;

/** Gives trials the results of their runs, each once. */
@Injectable()
export class TrialSettler {
  constructor(
    private readonly database: Database,
    private readonly live: LiveService,
  ) {}

  /** Sweeps of which trials have ended. */
  async settle(): Promise<Set<string>> {
    const sweeps = new Set<string>();
    for (;;) {
      const due = (await this.database.reader.query(dueQuery)) as Array<{ id: string }>;
      if (due.length > 0) await this.#settle(due, sweeps);
      if (due.length < batch) return sweeps;
    }
  }

  async #settle(due: ReadonlyArray<{ id: string }>, sweeps: Set<string>): Promise<void> {
    await this.database.write(
      async (manager) => {
        for (const { id } of due) {
          const trial = await manager.findOneBy(TrialEntity, { id, state: 'running' });
          if (!trial) continue;
          const endedNumber = await nextEnded(manager, trial.sweepId);
          await manager.update(TrialEntity, { id }, { ...(await resultOf(manager, trial)), endedNumber });
          sweeps.add(trial.sweepId);
        }
        this.database.afterCommit(() => {
          this.live.touch('trial', ...due.map(({ id }) => id));
          this.live.touch('sweep', ...sweeps);
        });
      },
      { label: 'trials.settle' },
    );
  }
}

/** Place of the next trial in the order in which those of a sweep end. */
export async function nextEnded(manager: EntityManager, sweepId: string): Promise<number> {
  const last = await manager
    .createQueryBuilder(TrialEntity, 'trial')
    .select('MAX(trial.endedNumber)', 'n')
    .where({ sweepId })
    .getRawOne<{ n: number | string | null }>();
  return Number(last?.n ?? 0) + 1;
}

/** What the runs of an ended job come to: of a disturbed one and its repetitions, the last that succeeded counts. */
async function resultOf(manager: EntityManager, trial: TrialEntity): Promise<Partial<TrialEntity>> {
  const runs = await manager.find(RunEntity, { where: { jobId: trial.jobId! }, order: { position: 'ASC' } });
  const attempts = await manager.findBy(AttemptEntity, { runId: In(runs.map(({ id }) => id)) });
  const run = runs.findLast(({ state }) => state === 'succeeded') ?? runs.at(-1);
  const seconds = attempts.map(({ claimedAt, endedAt }) =>
    endedAt === null ? 0 : Math.max(0, Date.parse(endedAt) - Date.parse(claimedAt)) / 1000,
  );
  const spent = {
    runs: runs.filter(({ attempt }) => attempt > 0).length,
    ...(attempts.length > 0 && { deviceSeconds: seconds.reduce((sum, each) => sum + each, 0) }),
    endedAt: run?.endedAt ?? new Date().toISOString(),
  };
  if (!run) return { ...spent, state: 'cancelled', error: gone };
  const { id: runId, metrics, verdict, error } = run;
  if (run.state === 'succeeded')
    return { ...spent, runId, state: 'succeeded', metrics, verdict: verdict?.verdict ?? null, error: null };
  return { ...spent, runId, state: run.state === 'failed' ? 'failed' : 'cancelled', error };
}

const gone: RunError = { code: 'job.unknown', message: 'its job is gone', cause: 'user' };
