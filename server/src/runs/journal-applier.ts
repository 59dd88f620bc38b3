import {
  isHeld,
  isLabError,
  type JournalEntry,
  type JournalEvent,
  type RunError,
  type RunState,
} from '@hilltop/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { DeviceEntity } from '../devices/device.entity.js';
import { LOG, type Log } from '../log.js';
import { BlobReferences } from '../models/blob-references.js';
import { AttemptEntity } from './attempt.entity.js';
import { type LedgerEntry } from './ledger-entry.js';
import { ObservationSegmentEntity } from './observation-segment.entity.js';
import type { Placed } from './observation-store.js';
import { RunEntity } from './run.entity.js';
import { RunMetrics } from './run-metrics.js';

type EventOf<T extends JournalEvent['type']> = Extract<JournalEvent, { type: T }>;

interface Known {
  readonly run: RunEntity;
  readonly attempt: AttemptEntity;
  /** The attempt counts and is held. */
  readonly counts: boolean;
}

const gap = (message: string): RunError => ({ code: 'journal.gap', message, cause: 'infrastructure' });

/** What each record of an agent's journal means, within the transaction that acknowledges it. */
@Injectable()
export class JournalApplier {
  readonly #log: Log;

  constructor(
    private readonly references: BlobReferences,
    private readonly metrics: RunMetrics,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'journal' });
  }

  /**
   * Applies one record. `placed`: where its observations lie. A record that contradicts what is known is refused and
   * logged, never thrown: it would block the agent's journal for ever.
   */
  async apply(entry: LedgerEntry, agentId: string, event: JournalEntry, placed: Placed | undefined): Promise<void> {
    if (event.type === 'unreadable')
      return this.#log.error({ code: 'wire.invalid', agentId }, 'a record was not understood');
    if (event.type === 'agent.degraded') return this.#degraded(entry, agentId, event.reason);
    const { runId, fence } = event.type === 'run.observed' ? event.observations : event;
    const known = await this.#find(entry, agentId, runId, fence);
    if (!known) return this.#refuse(agentId, event.type, runId, fence, 'no such attempt of this agent');
    if (!known.counts) this.metrics.staleFences.inc();
    if (isOver(known)) return this.#refuse(agentId, event.type, runId, fence, `the attempt is ${known.attempt.state}`);
    try {
      switch (event.type) {
        case 'run.preparing':
          if (known.counts && known.run.state === 'claimed') await entry.advance(known.run, known.attempt, 'preparing');
          return;
        case 'run.started':
          return await this.#started(entry, known, event);
        case 'run.observed':
          return await this.#observed(entry, known, event, placed);
        case 'run.ended':
          return await this.#ended(entry, known, event);
      }
    } catch (error) {
      if (!isLabError(error, 'run.bad-transition')) throw error;
      this.#refuse(agentId, event.type, runId, fence, error.message);
    }
  }

  async #find(entry: LedgerEntry, agentId: string, runId: string, fence: number): Promise<Known | undefined> {
    const attempt = await entry.manager.findOneBy(AttemptEntity, { runId, fence, agentId });
    const run = attempt && (await entry.run(runId));
    if (!attempt || !run) return undefined;
    return {
      run,
      attempt,
      counts: run.attempt === attempt.n && isHeld(attempt.state as RunState) && isHeld(run.state),
    };
  }

  async #started(entry: LedgerEntry, { run, attempt, counts }: Known, event: EventOf<'run.started'>): Promise<void> {
    const { environment } = event;
    const floor = event.floor ?? null;
    if (counts) await entry.advance(run, attempt, 'running', { environment, floor, startedAt: entry.at });
    else
      await entry.manager.update(
        AttemptEntity,
        { runId: attempt.runId, n: attempt.n },
        { environment, floor, startedAt: entry.at },
      );
    if (floor) await entry.manager.update(DeviceEntity, { id: attempt.deviceId }, { floor });
  }

  async #observed(
    entry: LedgerEntry,
    known: Known,
    event: EventOf<'run.observed'>,
    placed: Placed | undefined,
  ): Promise<void> {
    const { run, attempt, counts } = known;
    const { seq, kind, block, rows } = event.observations;
    if (seq < attempt.batches) return;
    if (seq > attempt.batches) {
      const error = gap(`observations ${attempt.batches} to ${seq - 1} are missing`);
      if (counts) await this.#giveUp(entry, run, attempt, error);
      else this.#refuse(attempt.agentId, event.type, run.id, attempt.fence, error.message);
      return;
    }
    if (!placed) throw new Error('observations without a place');
    await entry.manager.insert(ObservationSegmentEntity, {
      runId: run.id,
      attempt: attempt.n,
      seq,
      kind,
      block,
      rows,
      ...placed,
    });
    await entry.manager.update(AttemptEntity, { runId: attempt.runId, n: attempt.n }, { batches: seq + 1 });
    await this.references.add(entry.manager, run.modelId, [placed.blob]);
    this.metrics.observations.inc(rows);
  }

  async #ended(entry: LedgerEntry, known: Known, event: EventOf<'run.ended'>): Promise<void> {
    const { run, attempt, counts } = known;
    const wrong = event.outcome === 'succeeded' ? faultOf(run, attempt, event) : undefined;
    if (!counts) return this.#late(entry, known, event, wrong);
    if (event.outcome === 'succeeded' && !wrong) return entry.report(run, attempt, event.transferBytes);
    const { transferBytes } = event;
    if (run.cancelReason !== null) {
      return entry.finish(run, attempt, 'cancelled', {
        transferBytes,
        error: { code: 'run.cancelled', message: run.cancelReason, cause: 'user' },
      });
    }
    const error = wrong ??
      event.error ?? {
        code: 'run.interrupted',
        message: `the agent ended the run: ${event.outcome}`,
        cause: 'infrastructure' as const,
      };
    if (error.cause === 'infrastructure') await entry.lose(run, attempt, error);
    else await entry.finish(run, attempt, 'failed', { error, transferBytes });
  }

  /** A result under an old fence: promoted while no newer attempt has started, else kept for the record. */
  async #late(
    entry: LedgerEntry,
    { run, attempt }: Known,
    event: EventOf<'run.ended'>,
    wrong: RunError | undefined,
  ): Promise<void> {
    const unheard = attempt.state === 'lost';
    if (event.outcome !== 'succeeded' || wrong || !unheard) {
      this.#log.info(
        { runId: run.id, fence: attempt.fence, outcome: event.outcome, state: attempt.state },
        'a late end changes nothing',
      );
      return;
    }
    if ((run.state === 'claimed' || run.state === 'preparing') && run.attempt > attempt.n) {
      const newer = await entry.current(run);
      if (newer) await entry.withdraw(run, newer, 'an older attempt came back with a complete result');
    }
    // Withdrawing freed the device; it must not be busy with another run either.
    const device = await entry.manager.findOneByOrFail(DeviceEntity, { id: run.deviceId });
    if (run.state !== 'queued' || device.currentRunId !== null) return entry.supersede(attempt);
    await entry.adopt(run, attempt);
    await entry.manager.update(
      RunEntity,
      { id: run.id },
      { environment: attempt.environment, floor: attempt.floor, startedAt: attempt.startedAt },
    );
    await entry.report(run, attempt, event.transferBytes);
    this.#log.info({ runId: run.id, fence: attempt.fence }, 'a late result was promoted');
  }

  async #giveUp(entry: LedgerEntry, run: RunEntity, attempt: AttemptEntity, error: RunError): Promise<void> {
    await entry.lose(run, attempt, error);
    await entry.tell(attempt.agentId, run.id, 'down/run.cancel', {
      runId: run.id,
      fence: attempt.fence,
      reason: error.message,
    });
  }

  async #degraded(entry: LedgerEntry, agentId: string, reason: string): Promise<void> {
    for (const { id, state } of await entry.manager.findBy(DeviceEntity, { agentId })) {
      if (state === 'retired') continue;
      await entry.manager.update(DeviceEntity, { id }, { state: 'unhealthy', stateReason: reason });
      entry.news.devices.add(id);
    }
    this.#log.warn({ agentId, reason }, 'agent degraded');
  }

  #refuse(agentId: string, type: string, runId: string, fence: number, why: string): void {
    this.#log.warn({ code: 'result.refused', agentId, type, runId, fence, why }, 'a record was refused');
  }
}

/** Whether the attempt's result is in, or of no interest any more; one that was lost may still come back. */
function isOver({ counts, attempt }: Known): boolean {
  return attempt.state === 'reporting' || (!counts && attempt.state !== 'lost');
}

/** What makes a result incomplete or of the wrong artifact. */
function faultOf(run: RunEntity, attempt: AttemptEntity, event: EventOf<'run.ended'>): RunError | undefined {
  if (attempt.batches !== event.batches)
    return gap(`${event.batches} batches of observations were journalled, ${attempt.batches} arrived`);
  if (event.artifactSha256 !== undefined && event.artifactSha256 !== run.artifactSha256) {
    return {
      code: 'artifact.corrupt',
      message: 'the agent executed other bytes than the artifact',
      cause: 'infrastructure',
    };
  }
  return undefined;
}
