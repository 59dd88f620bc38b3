import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { In } from 'typeorm';
import { AgentLink } from '../links/agent-link.js';
import { Database } from '../links/database.js';
import { LOG, type Log } from '../log.js';
import { OutboxEntity } from './outbox.entity.js';
import { RunLedger } from './run-ledger.js';

/** What an event missed is sent within this time. */
const tickMs = 1000;
const batch = 200;

/** Sends what transactions left for agents, in order, and forgets it once it is handed on. Agents ignore repetitions. */
@Injectable()
export class Outbox implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log: Log;
  /** Agents that were welcomed on this connection: nothing is sent before. */
  readonly #open = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #again = false;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(
    private readonly database: Database,
    private readonly link: AgentLink,
    ledger: RunLedger,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'outbox' });
    ledger.committed.listen((news) => {
      if (news.agents.size > 0) this.drain();
    });
  }

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => this.drain(), tickMs);
    this.#timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** The agent was welcomed. */
  open(agentId: string): void {
    this.#open.add(agentId);
    this.drain();
  }

  /** The agent is away, or about to be welcomed anew. */
  close(agentId: string): void {
    this.#open.delete(agentId);
  }

  /** Resolves when nothing more can be sent now. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  drain(): void {
    this.#again = true;
    if (this.#running || this.#stopped || this.#open.size === 0) return;
    this.#running = this.#send()
      .catch((error: unknown) => this.#log.error({ err: error }, 'sending failed'))
      .finally(() => {
        this.#running = undefined;
        if (this.#again && !this.#stopped) this.drain();
      });
  }

  async #send(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const agents = [...this.#open].filter((agentId) => this.link.connected(agentId));
      if (agents.length === 0) return;
      const rows = await this.database.reader
        .getRepository(OutboxEntity)
        .find({ where: { agentId: In(agents) }, order: { id: 'ASC' }, take: batch });
      // One that does not read holds up its own messages only.
      const handed = agents.map((agentId) => this.#hand(rows.filter((row) => row.agentId === agentId)));
      const sent = (await Promise.all(handed)).flat();
      if (sent.length === 0) return;
      await this.database.write((manager) => manager.delete(OutboxEntity, { id: In(sent) }), { label: 'outbox.sent' });
      if (rows.length === batch) this.#again = true;
    }
  }

  /** Messages of one agent, in order; what could not be handed on stays, with all behind it. */
  async #hand(rows: readonly OutboxEntity[]): Promise<number[]> {
    const sent: number[] = [];
    for (const { id, agentId, channel, payload } of rows) {
      if (!this.#open.has(agentId) || !(await this.link.send(agentId, channel, payload))) break;
      sent.push(id);
    }
    return sent;
  }
}
