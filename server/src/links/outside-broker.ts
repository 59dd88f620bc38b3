import { type Epoch, epochTopic, LabError, parseTopic } from '@hilltop/contracts';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import type { Transport, TransportEvents } from './transport.js';

export interface OutsideBrokerOptions {
  /** `mqtt://user:password@host:1883`; also mqtts, ws, wss. */
  readonly url: string;
  readonly epoch: Epoch;
  /** An agent that was silent so long counts as away. */
  readonly silenceMs: number;
  readonly nowMs: () => number;
}

/** Everything agents say; a scaled-out coordinator would name its shards here. */
const everything = 'hilltop/v1/+/+/up/#';

/**
 * A connection to a broker the lab does not run. Who may publish where is that broker's access list (the operator's to
 * write, see the operator guide): the agent's id is taken from the topic. Presence is guessed from what was heard.
 */
export class OutsideBroker implements Transport {
  readonly vouches = false;
  readonly #heard = new Map<string, number>();
  #client: MqttClient | undefined;
  #sweep: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: OutsideBrokerOptions,
    private readonly events: TransportEvents,
  ) {}

  get clients(): number {
    return this.#heard.size;
  }

  async start(): Promise<void> {
    const settings: IClientOptions = {
      clientId: `hilltop-${this.options.epoch.labId}-${this.options.epoch.epoch}`,
      protocolVersion: 4,
      clean: true,
      resubscribe: false,
      queueQoSZero: false,
      reconnectPeriod: 2000,
      connectTimeout: 8000,
      keepalive: 20,
    };
    const client = await this.#connect(settings);
    this.#client = client;
    client.on('connect', () => void this.#arrive(client));
    client.on('error', (error) => this.events.rejected('broker-error', { why: error.message }));
    client.on('message', (topic, payload) => this.#receive(topic, payload));
    await this.#arrive(client);
    this.#sweep = setInterval(() => this.#forgetSilent(), Math.min(5000, this.options.silenceMs));
    this.#sweep.unref();
  }

  async #connect(settings: IClientOptions): Promise<MqttClient> {
    try {
      return await connectAsync(this.options.url, settings, false);
    } catch (error) {
      const { host } = new URL(this.options.url);
      throw new LabError(
        'link.unreachable',
        `the broker at ${host} does not take the lab; see that it runs and knows the account in --mqtt-url`,
        { host },
        { cause: error },
      );
    }
  }

  async publish(_agentId: string, topic: string, payload: Uint8Array, qos: 0 | 1): Promise<boolean> {
    const client = this.#client;
    // Its queue for times without a connection has no limit; hello repairs what is lost.
    if (!client?.connected) return false;
    await client.publishAsync(topic, Buffer.from(payload), { qos, retain: false });
    return true;
  }

  /** Not ours to end: the agent's next message is refused by what the coordinator knows, and its account is the operator's. */
  close(agentId: string): void {
    this.#leave(agentId);
  }

  connected(agentId: string): boolean {
    return this.#heard.has(agentId);
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    await this.#client?.endAsync(true);
  }

  async #arrive(client: MqttClient): Promise<void> {
    try {
      const granted = await client.subscribeAsync(everything, { qos: 1 });
      if (granted.some((grant) => grant.qos > 2))
        this.events.rejected('broker-refused-subscription', { filter: everything });
      await client.publishAsync(epochTopic, JSON.stringify(this.options.epoch), { qos: 1, retain: true });
    } catch (error) {
      this.events.rejected('broker-error', { why: error instanceof Error ? error.message : 'failed' });
    }
  }

  #receive(topic: string, payload: Buffer): void {
    const parts = parseTopic(topic);
    if (parts) {
      const isNew = !this.#heard.has(parts.agentId);
      this.#heard.set(parts.agentId, this.options.nowMs());
      if (isNew && parts.channel !== 'up/gone') this.events.connect(parts.agentId);
    }
    this.events.message(topic, payload);
    if (parts?.channel === 'up/gone') this.#leave(parts.agentId);
  }

  #forgetSilent(): void {
    const limit = this.options.nowMs() - this.options.silenceMs;
    for (const [agentId, at] of this.#heard) if (at < limit) this.#leave(agentId);
  }

  #leave(agentId: string): void {
    if (this.#heard.delete(agentId)) this.events.disconnect(agentId);
  }
}
