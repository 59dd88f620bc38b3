import { createHash } from 'node:crypto';
import {
  agentChannels,
  agentPrefix,
  type ChannelName,
  type ChannelPayload,
  errorText,
  parseTopic,
  shardOf,
} from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import type { Log } from '../log.js';
import { channels } from './cbor.js';
import type { AgentAuthenticator, AgentCheck, Transport, TransportEvents } from './transport.js';

export type UpChannel = Extract<ChannelName, `up/${string}`>;
export type DownChannel = Extract<ChannelName, `down/${string}`>;
export type UpHandler<C extends UpChannel> = (
  agentId: string,
  payload: ChannelPayload<C>,
  meta: { readonly bytes: number },
) => void | Promise<void>;

/** What the link counts, for /metrics. */
export interface LinkObserver {
  message(direction: 'up' | 'down', channel: string, bytes: number): void;
  rejected(reason: string): void;
}

/** Messages of one agent that wait in one lane; beyond it the sender is flooding and the newest are dropped. */
const laneLimit = 1024;

/** Shard of an agent's topics: a pure function of its id. */
export const shardOfAgent = (agentId: string): number => shardOf(createHash('sha256').update(agentId).digest());

/** Transfers must not wait behind a commit, nor a commit behind a transfer. */
const laneOf = (channel: string): string => (/^up\/(blob|chunk)\./.test(channel) ? 'transfer' : 'control');

/**
 * Everything the coordinator says to agents and hears from them. Validated on the way in, built from the contract on
 * the way out; messages of one agent are handled in the order they came, transfers apart.
 */
@Injectable()
export class AgentLink {
  readonly #handlers = new Map<
    string,
    Array<(agentId: string, payload: unknown, meta: { bytes: number }) => void | Promise<void>>
  >();
  readonly #connect: Array<(agentId: string) => void> = [];
  readonly #disconnect: Array<(agentId: string) => void> = [];
  readonly #lanes = new Map<string, { tail: Promise<void>; length: number }>();
  readonly #log: Log;
  #transport: Transport | undefined;
  #observer: LinkObserver = { message: () => undefined, rejected: () => undefined };
  #authenticate: AgentAuthenticator = async () => 'the lab is not ready';
  #isActive: AgentCheck = async () => false;

  constructor(
    log: Log,
    private readonly makeTransport: (events: TransportEvents, authenticate: AgentAuthenticator) => Transport,
  ) {
    this.#log = log.child({ part: 'agent-link' });
  }

  /** Says something to an agent. Resolves when it is handed on; `false` when the agent is not there: nothing is kept for it. */
  async send<C extends DownChannel>(agentId: string, channel: C, payload: ChannelPayload<C>): Promise<boolean> {
    const bytes = channels.encode(channel, payload);
    const topic = `${agentPrefix(shardOfAgent(agentId), agentId)}/${channel}`;
    const handed = await this.#transport?.publish(agentId, topic, bytes, agentChannels[channel].qos);
    if (handed) this.#observer.message('down', channel, bytes.length);
    else this.#log.debug({ agentId, channel }, 'not sent: the agent is away');
    return handed === true;
  }

  /** Handlers of a channel run one after the other. A failure is logged and never reaches the broker. */
  on<C extends UpChannel>(channel: C, handler: UpHandler<C>): void {
    const handlers = this.#handlers.get(channel) ?? [];
    handlers.push((agentId, payload, meta) => handler(agentId, payload as ChannelPayload<C>, meta));
    this.#handlers.set(channel, handlers);
  }

  onConnect(listener: (agentId: string) => void): void {
    this.#connect.push(listener);
  }

  onDisconnect(listener: (agentId: string) => void): void {
    this.#disconnect.push(listener);
  }

  /** Ends the agent's connection now. With an outside broker its credentials there are the operator's to remove. */
  close(agentId: string): void {
    this.#transport?.close(agentId);
  }

  connected(agentId: string): boolean {
    return this.#transport?.connected(agentId) ?? false;
  }

  /** Address the agent connects from; undefined when it is away or the broker is not ours. */
  address(agentId: string): string | undefined {
    return this.#transport?.address?.(agentId)?.replace(/^::ffff:/, '');
  }

  /** Agents that are connected. */
  get clients(): number {
    return this.#transport?.clients ?? 0;
  }

  /** Resolves when every message that has arrived is handled. */
  async settled(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all([...this.#lanes.values()].map(({ tail }) => tail));
  }

  get started(): boolean {
    return this.#transport !== undefined;
  }

  /** `authenticate` guards the embedded broker; `isActive` is asked per message where an outside one vouches for nobody. */
  admitWith(authenticate: AgentAuthenticator, isActive: AgentCheck): void {
    this.#authenticate = authenticate;
    this.#isActive = isActive;
  }

  observe(observer: LinkObserver): void {
    this.#observer = observer;
  }

  /** Opens the broker (or the connection to it). Register handlers first: a message nobody waits for is dropped. */
  async start(): Promise<void> {
    const transport = this.makeTransport(
      {
        message: (topic, payload) => this.#receive(topic, payload),
        connect: (agentId) => this.#tell(this.#connect, agentId),
        disconnect: (agentId) => this.#tell(this.#disconnect, agentId),
        rejected: (reason, fields) => this.#reject(reason, fields),
      },
      (agentId, assertion) => this.#authenticate(agentId, assertion),
    );
    await transport.start();
    this.#transport = transport;
  }

  async stop(): Promise<void> {
    await this.#transport?.stop();
    this.#transport = undefined;
  }

  #receive(topic: string, payload: Uint8Array): void {
    const parts = parseTopic(topic);
    if (!parts || agentChannels[parts.channel].sender !== 'agent') {
      this.#reject('topic', { topic });
      return;
    }
    const { agentId, channel } = parts;
    if (parts.shard !== shardOfAgent(agentId)) {
      this.#reject('shard', { topic });
      return;
    }
    this.#observer.message('up', channel, payload.length);
    const handlers = this.#handlers.get(channel);
    if (!handlers) return;
    let message: unknown;
    try {
      message = channels.decode(channel, payload);
    } catch (error) {
      this.#reject('malformed', { agentId, channel, err: error });
      return;
    }
    this.#queue(`${agentId} ${laneOf(channel)}`, async () => {
      try {
        if (!this.#transport?.vouches && !(await this.#isActive(agentId)))
          return this.#reject('not-enrolled', { agentId, channel });
        for (const handler of handlers) await handler(agentId, message, { bytes: payload.length });
      } catch (error) {
        this.#log.error({ agentId, channel, err: error }, 'a message could not be handled');
      }
    });
  }

  #queue(key: string, task: () => Promise<void>): void {
    const lane = this.#lanes.get(key) ?? { tail: Promise.resolve(), length: 0 };
    if (lane.length >= laneLimit) {
      this.#reject('flood', { lane: key });
      return;
    }
    lane.length += 1;
    this.#lanes.set(key, lane);
    lane.tail = lane.tail.then(task).finally(() => {
      lane.length -= 1;
      if (lane.length === 0) this.#lanes.delete(key);
    });
  }

  #tell(listeners: ReadonlyArray<(agentId: string) => void>, agentId: string): void {
    for (const listener of listeners) {
      try {
        listener(agentId);
      } catch (error) {
        this.#log.error({ agentId, err: errorText(error) }, 'a listener failed');
      }
    }
  }

  #reject(reason: string, fields: Record<string, unknown>): void {
    this.#observer.rejected(reason);
    this.#log.warn({ reason, ...fields }, 'rejected');
  }
}
