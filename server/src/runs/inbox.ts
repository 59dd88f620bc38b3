import { type JournalBatch, journalWindow, LabError, type Observations } from '@hilltop/contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AgentLink } from '../links/agent-link.js';
import { LOG, type Log } from '../log.js';
import { AgentCursorEntity } from './agent-cursor.entity.js';
import { JournalApplier } from './journal-applier.js';
import type { LedgerEntry } from './ledger-entry.js';
import { ObservationStore, type Placed } from './observation-store.js';
import { RunLedger } from './run-ledger.js';
import { RunMetrics } from './run-metrics.js';

type JournalRecord = JournalBatch['records'][number];

/** Records of one agent that are taken up next. */
interface Part {
  readonly agentId: string;
  readonly journalId: string;
  readonly records: readonly JournalRecord[];
}

/** What one agent adds to a commit. */
interface Share {
  readonly agentId: string;
  readonly journalId: string;
  /** First record that is not committed. */
  readonly next: number;
  readonly fresh: readonly JournalRecord[];
  readonly gap: boolean;
}

/** Records of one agent in a commit: enough to share its cost, few enough to keep others waiting for some 20 ms only. */
const agentRecords = 100;
/** Agents of one commit. A commit waits for the disk, and everything else waits for the commit. */
const commitAgents = 50;

/**
 * What agents must not lose. Strictly in order per agent and journal: known records are acknowledged again, a gap is
 * asked for, and the acknowledgement goes out only after the commit, which all agents that wait share.
 */
@Injectable()
export class Inbox {
  readonly #waiting = new Map<string, JournalBatch[]>();
  readonly #log: Log;
  #running: Promise<void> | undefined;
  /** Agents of the commit under way. */
  #underWay: ReadonlySet<string> = new Set();
  #round: Promise<void> = Promise.resolve();

  constructor(
    private readonly ledger: RunLedger,
    private readonly applier: JournalApplier,
    private readonly observations: ObservationStore,
    private readonly link: AgentLink,
    private readonly metrics: RunMetrics,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'inbox' });
  }

  /** Takes a batch and returns at once. An agent's window holds no more than waits here: the rest are repetitions. */
  receive(agentId: string, batch: JournalBatch): void {
    const waiting = this.#waiting.get(agentId);
    if (waiting && waiting.length >= journalWindow.records) return;
    if (waiting) waiting.push(batch);
    else this.#waiting.set(agentId, [batch]);
    this.#running ??= this.#drain();
  }

  /** Resolves when everything this agent has sent so far is applied. */
  async idle(agentId: string): Promise<void> {
    while (this.#waiting.has(agentId) || this.#underWay.has(agentId)) {
      await this.#round;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Resolves when everything that agents have sent so far is applied. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** First record of the journal that is not committed. */
  async nextSeq(manager: EntityManager, agentId: string, journalId: string): Promise<number> {
    return (await manager.findOneBy(AgentCursorEntity, { agentId, journalId }))?.nextSeq ?? 1;
  }

  /** Within a transaction: records before `nextSeq` are applied, or gone for good. */
  async moveTo(manager: EntityManager, agentId: string, journalId: string, nextSeq: number): Promise<void> {
    await manager.upsert(AgentCursorEntity, { agentId, journalId, nextSeq }, ['agentId', 'journalId']);
  }

  async #drain(): Promise<void> {
    // Those that arrive in this turn of the event loop still come along.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.size > 0) {
      const parts = this.#next();
      this.#underWay = new Set(parts.map(({ agentId }) => agentId));
      this.#round = this.#take(parts);
      await this.#round;
      this.#underWay = new Set();
    }
    // In the same breath as the last look: a batch that comes next starts anew.
    this.#running = undefined;
  }

  async #take(parts: readonly Part[]): Promise<void> {
    const shares = await Promise.all(parts.map((part) => this.#share(part)));
    await this.#commit(shares.filter((share) => share !== undefined));
  }

  /** The oldest records of those who wait, of one journal each. */
  #next(): Part[] {
    const parts: Part[] = [];
    for (const [agentId, batches] of [...this.#waiting].slice(0, commitAgents)) {
      const { journalId } = batches[0]!;
      const records: JournalRecord[] = [];
      while (batches[0]?.journalId === journalId && records.length < agentRecords)
        records.push(...batches.shift()!.records);
      this.#waiting.delete(agentId);
      // To the end of the line: nobody is overtaken by one who sends much.
      if (batches.length > 0) this.#waiting.set(agentId, batches);
      parts.push({ agentId, journalId, records });
    }
    return parts;
  }

  async #share({ agentId, journalId, records }: Part): Promise<Share | undefined> {
    try {
      const next = await this.ledger.read((manager) => this.nextSeq(manager, agentId, journalId));
      const { fresh, gap } = inOrder(records, next);
      if (fresh.length < records.length) this.metrics.inboxDuplicates.inc(records.length - fresh.length);
      return { agentId, journalId, next, fresh, gap };
    } catch (error) {
      this.#log.error({ agentId, journalId, err: error }, 'records could not be looked at');
      return undefined;
    }
  }

  /** One commit for all; if it fails, one for each, so that nobody suffers for another. */
  async #commit(shares: readonly Share[]): Promise<void> {
    try {
      await this.#apply(shares);
    } catch (error) {
      if (shares.length > 1) {
        for (const share of shares) await this.#commit([share]);
        return;
      }
      // Not acknowledged: the agent sends it again.
      const [{ agentId, journalId }] = shares as [Share];
      this.#log.error({ agentId, journalId, err: error }, 'records could not be applied');
      return;
    }
    for (const { agentId, journalId, next, fresh, gap } of shares) {
      const nextSeq = next + fresh.length;
      this.metrics.inboxRecords.inc(fresh.length);
      const said = gap
        ? this.link.send(agentId, 'down/nack', { journalId, expect: nextSeq, reason: 'records are missing' })
        : this.link.send(agentId, 'down/ack', { journalId, nextSeq });
      // Not waited for: one that does not read would hold up everybody's records.
      said.catch((error: unknown) => this.#log.error({ agentId, err: error }, 'not acknowledged'));
    }
  }

  async #apply(all: readonly Share[]): Promise<void> {
    const shares = all.filter(({ fresh }) => fresh.length > 0);
    if (shares.length === 0) return;
    const placeOf = new Map<Observations, Placed>();
    // On disk before the row that names it, and outside the transaction.
    await Promise.all(shares.map((share) => this.#store(share, placeOf)));
    await this.ledger.write('inbox', async (entry) => {
      for (const share of shares) await this.#applyShare(entry, share, placeOf);
    });
  }

  async #store({ fresh }: Share, placeOf: Map<Observations, Placed>): Promise<void> {
    const batches = fresh.flatMap(({ event }) => (event.type === 'run.observed' ? [event.observations] : []));
    if (batches.length === 0) return;
    const places = await this.observations.put(batches);
    for (const [i, batch] of batches.entries()) placeOf.set(batch, places[i]!);
  }

  async #applyShare(entry: LedgerEntry, share: Share, placeOf: ReadonlyMap<Observations, Placed>): Promise<void> {
    const { agentId, journalId, next, fresh } = share;
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
    await this.moveTo(entry.manager, agentId, journalId, next + fresh.length);
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
