import { type JournalBatch, LabError, type Observations } from '@hilltop/contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AgentLink } from '../links/agent-link.js';
import { Database } from '../links/database.js';
import { LOG, type Log } from '../log.js';
import { AgentCursorEntity } from './agent-cursor.entity.js';
import { JournalApplier } from './journal-applier.js';
import { ObservationStore, type Placed } from './observation-store.js';
import { RunLedger } from './run-ledger.js';
import { RunMetrics } from './run-metrics.js';

type JournalRecord = JournalBatch['records'][number];

/** Records of one commit: enough to share its cost, few enough to keep others waiting for some 20 ms only. */
const commitRecords = 100;

/**
 * What agents must not lose. Strictly in order per agent and journal: known records are acknowledged again, a gap is
 * asked for, and the acknowledgement goes out only after the commit.
 */
@Injectable()
export class Inbox {
  readonly #queues = new Map<string, { batches: JournalBatch[]; running: Promise<void> }>();
  readonly #log: Log;

  constructor(
    private readonly database: Database,
    private readonly ledger: RunLedger,
    private readonly applier: JournalApplier,
    private readonly observations: ObservationStore,
    private readonly link: AgentLink,
    private readonly metrics: RunMetrics,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'inbox' });
  }

  /** Takes a batch and returns at once; the agent's own window bounds what waits here. */
  receive(agentId: string, batch: JournalBatch): void {
    const queue = this.#queues.get(agentId);
    if (queue) {
      queue.batches.push(batch);
      return;
    }
    const fresh = { batches: [batch], running: Promise.resolve() };
    this.#queues.set(agentId, fresh);
    fresh.running = this.#drain(agentId, fresh.batches);
  }

  /** Resolves when everything the agent has sent so far is applied. */
  async idle(agentId: string): Promise<void> {
    await this.#queues.get(agentId)?.running;
  }

  /** Resolves when everything that agents have sent so far is applied. */
  async settled(): Promise<void> {
    while (this.#queues.size > 0) await Promise.all([...this.#queues.values()].map(({ running }) => running));
  }

  /** First record of the journal that is not committed. */
  async nextSeq(manager: EntityManager, agentId: string, journalId: string): Promise<number> {
    return (await manager.findOneBy(AgentCursorEntity, { agentId, journalId }))?.nextSeq ?? 1;
  }

  /** Within a transaction: records before `nextSeq` are gone for good, e.g. after a restore of either side. */
  async skipTo(manager: EntityManager, agentId: string, journalId: string, nextSeq: number): Promise<void> {
    await manager.upsert(AgentCursorEntity, { agentId, journalId, nextSeq }, ['agentId', 'journalId']);
  }

  async #drain(agentId: string, batches: JournalBatch[]): Promise<void> {
    while (batches.length > 0) {
      const { journalId } = batches[0]!;
      const records: JournalRecord[] = [];
      while (batches[0]?.journalId === journalId && records.length < commitRecords)
        records.push(...batches.shift()!.records);
      try {
        await this.#take(agentId, journalId, records);
      } catch (error) {
        // Not acknowledged: the agent sends it again.
        this.#log.error({ agentId, journalId, err: error }, 'records could not be applied');
      }
    }
    // In the same breath as the last look at the list: a batch that comes next starts anew.
    this.#queues.delete(agentId);
  }

  async #take(agentId: string, journalId: string, records: readonly JournalRecord[]): Promise<void> {
    const next = await this.nextSeq(this.database.reader.manager, agentId, journalId);
    const { fresh, gap } = inOrder(records, next);
    if (fresh.length < records.length) this.metrics.inboxDuplicates.inc(records.length - fresh.length);
    if (fresh.length > 0) await this.#commit(agentId, journalId, next, fresh);
    const nextSeq = next + fresh.length;
    if (gap) await this.link.send(agentId, 'down/nack', { journalId, expect: nextSeq, reason: 'records are missing' });
    else await this.link.send(agentId, 'down/ack', { journalId, nextSeq });
  }

  async #commit(agentId: string, journalId: string, next: number, fresh: readonly JournalRecord[]): Promise<void> {
    const batches = fresh.flatMap(({ event }) => (event.type === 'run.observed' ? [event.observations] : []));
    // On disk before the row that names it, and outside the transaction.
    const places = batches.length > 0 ? await this.observations.put(batches) : [];
    const placeOf = new Map<Observations, Placed>(batches.map((batch, i) => [batch, places[i]!]));
    await this.ledger.write('inbox', async (entry) => {
      if ((await this.nextSeq(entry.manager, agentId, journalId)) !== next) {
        throw new LabError('journal.gap', 'the cursor moved meanwhile', { agentId, journalId });
      }
      for (const { event } of fresh) {
        await this.applier.apply(
          entry,
          agentId,
          event,
          event.type === 'run.observed' ? placeOf.get(event.observations) : undefined,
        );
      }
      await entry.manager.upsert(AgentCursorEntity, { agentId, journalId, nextSeq: next + fresh.length }, [
        'agentId',
        'journalId',
      ]);
    });
    this.metrics.inboxRecords.inc(fresh.length);
  }
}

/** The records that continue at `next`, without those that are known; `gap` when one is missing before the last. */
export function inOrder<T extends { readonly seq: number }>(
  records: readonly T[],
  next: number,
): { fresh: T[]; gap: boolean } {
  const fresh: T[] = [];
  for (const record of records) {
    const expected = next + fresh.length;
    if (record.seq < expected) continue;
    if (record.seq > expected) return { fresh, gap: true };
    fresh.push(record);
  }
  return { fresh, gap: false };
}
