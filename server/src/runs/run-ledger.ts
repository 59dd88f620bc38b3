import { Inject, Injectable } from '@nestjs/common';
import { type EntityManager, In, Not } from 'typeorm';
import { Presence } from '../devices/presence.js';
import { JobEntity } from '../jobs/job.entity.js';
import { jobOutcome } from '../jobs/job-outcome.js';
import { Database } from '../links/database.js';
import { Signal } from '../links/signal.js';
import { LiveService } from '../live/live.service.js';
import { LOG, type Log } from '../log.js';
import { ClaimClock } from './claim-clock.js';
import { LedgerEntry, type LedgerNews } from './ledger-entry.js';
import { RunEntity } from './run.entity.js';
import { countRuns, noRuns } from './run-counts.js';
import { RunMetrics } from './run-metrics.js';

/** The door for every change of runs: one transaction, the jobs settled in it, and the news spread after the commit. */
@Injectable()
export class RunLedger {
  /** After a commit: what changed, for dispatcher, outbox and summaries. */
  readonly committed = new Signal<LedgerNews>();
  readonly #log: Log;

  constructor(
    private readonly database: Database,
    private readonly presence: Presence,
    private readonly claims: ClaimClock,
    private readonly live: LiveService,
    private readonly metrics: RunMetrics,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'runs' });
  }

  /** `fn` changes runs through its entry only. Joins a transaction that is open already. */
  write<T>(label: string, fn: (entry: LedgerEntry) => Promise<T>): Promise<T> {
    return this.database.write(
      async (manager) => {
        const entry = new LedgerEntry(manager, new Date().toISOString(), (agentId) => this.presence.online(agentId));
        const result = await fn(entry);
        for (const jobId of entry.news.jobs) await this.#settle(entry, jobId);
        await entry.recount();
        this.database.afterCommit(() => this.#spread(entry.news));
        return result;
      },
      { label },
    );
  }

  /** A look at what is committed. */
  read<T>(look: (manager: EntityManager) => Promise<T>): Promise<T> {
    return look(this.database.reader.manager);
  }

  /** What the job's runs say about it, in the same transaction. */
  async #settle(entry: LedgerEntry, jobId: string): Promise<void> {
    const job = await entry.manager.findOneBy(JobEntity, { id: jobId });
    if (!job || job.endedAt !== null) return;
    let outcome = jobOutcome(job, await this.#counts(entry, jobId));
    if (outcome.stop) {
      job.error = outcome.stop;
      await entry.manager.update(JobEntity, { id: jobId }, { error: outcome.stop });
      for (const run of await entry.manager.findBy(RunEntity, {
        jobId,
        state: Not(In(['succeeded', 'failed', 'cancelled'])),
      })) {
        await entry.cancel(run, outcome.stop);
      }
      outcome = jobOutcome(job, await this.#counts(entry, jobId));
    }
    const ended = outcome.state !== 'queued' && outcome.state !== 'running';
    const change: Partial<JobEntity> = {
      ...(outcome.state !== job.state && { state: outcome.state }),
      ...(outcome.state === 'running' && job.startedAt === null && { startedAt: entry.at }),
      ...(ended && { endedAt: entry.at }),
    };
    if (Object.keys(change).length > 0) await entry.manager.update(JobEntity, { id: jobId }, change);
    if (ended) this.database.afterCommit(() => this.#log.info({ jobId, state: outcome.state }, 'job ended'));
  }

  async #counts(entry: LedgerEntry, jobId: string) {
    const counts = noRuns();
    for (const row of await countRuns(entry.manager, [jobId])) counts[row.state] += row.n;
    return counts;
  }

  #spread(news: LedgerNews): void {
    for (const runId of news.released) this.claims.drop(runId);
    for (const { runId, agentId, fence } of news.held) this.claims.hold(runId, agentId, fence);
    this.metrics.moved(news.transitions);
    if (news.runs.size > 0) this.live.touch('run', ...news.runs);
    if (news.jobs.size > 0) this.live.touch('job', ...news.jobs);
    if (news.devices.size > 0) this.live.touch('device', ...news.devices);
    this.committed.emit(news);
  }
}
