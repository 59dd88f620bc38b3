import { type ConsoleDone, type ConsoleOutcome, type ConsoleType, consoleLimits } from '@hilltop/contracts';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { DeviceEntity } from '../devices/device.entity.js';
import { AgentLink } from '../links/agent-link.js';
import { Database } from '../links/database.js';
import { LiveService } from '../live/live.service.js';
import { LOG, type Log } from '../log.js';
import { ConsoleLineEntity } from './console-line.entity.js';
import { ConsoleTranscript } from './console-transcript.js';

/** An agent that says nothing for so long may have done it or not; a reset takes it a while. */
const unconfirmedMs = 3 * consoleLimits.lateMs;

interface Sent {
  readonly agentId: string;
  readonly deviceId: string;
  readonly timer: NodeJS.Timeout;
}

/** Brings what was accepted to the board, once, and writes down what became of it. It is never sent again: hardware must not act twice. */
@Injectable()
export class ConsoleDelivery implements OnModuleInit, OnModuleDestroy {
  readonly #sent = new Map<number, Sent>();
  readonly #log: Log;

  constructor(
    private readonly link: AgentLink,
    private readonly database: Database,
    private readonly transcript: ConsoleTranscript,
    private readonly live: LiveService,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'consoles' });
  }

  onModuleInit(): void {
    this.link.on('up/console.done', (agentId, done) => this.hear(agentId, done));
  }

  onModuleDestroy(): void {
    for (const { timer } of this.#sent.values()) clearTimeout(timer);
  }

  /** Whether the device's agent is there at all. */
  reaches({ agentId }: Pick<DeviceEntity, 'agentId'>): boolean {
    return this.link.connected(agentId);
  }

  /** To be called after the commit, in the order of the lines. */
  send({ id, key: deviceKey, agentId }: DeviceEntity, order: number, { text, key }: ConsoleType): void {
    const timer = setTimeout(() => void this.#end(order, 'unconfirmed'), unconfirmedMs).unref();
    this.#sent.set(order, { agentId, deviceId: id, timer });
    this.link
      .send(agentId, 'down/console', {
        deviceId: id,
        deviceKey,
        order,
        ttlMs: consoleLimits.lateMs,
        sentAtMs: Date.now(),
        ...(text !== undefined && { text }),
        ...(key !== undefined && { key }),
      })
      .then(
        (handed) => (handed ? undefined : this.#end(order, 'refused', 'device.offline')),
        () => this.#end(order, 'unconfirmed'),
      );
  }

  /** What an agent says of a line of its own device; anything else is late or foreign. */
  async hear(agentId: string, { deviceId, order, outcome, code }: ConsoleDone): Promise<void> {
    const sent = this.#sent.get(order);
    if (sent?.agentId === agentId && sent.deviceId === deviceId) await this.#end(order, outcome, code);
  }

  async #end(order: number, outcome: ConsoleOutcome, code?: string): Promise<void> {
    const sent = this.#sent.get(order);
    if (!sent) return;
    this.#sent.delete(order);
    clearTimeout(sent.timer);
    try {
      await this.database.write(
        (manager) => manager.update(ConsoleLineEntity, { position: order }, { outcome, code: code ?? null }),
        { label: 'console' },
      );
      await this.tell(order);
    } catch (error) {
      this.#log.error({ err: error, order }, 'what became of a typed line could not be stored');
    }
  }

  /** Shows a line to who follows its device. */
  async tell(order: number): Promise<void> {
    const found = await this.transcript.line(order);
    if (!found) return;
    const { deviceId, line } = found;
    this.live.console.emit({ deviceId, seq: 0, atMs: Date.parse(line.at), text: '', line });
  }
}
