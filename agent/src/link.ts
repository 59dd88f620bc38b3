import {
  agentChannels,
  agentPrefix,
  type ChannelName,
  type ChannelPayload,
  Epoch,
  epochTopic,
  errorText,
  isLabError,
  parseTopic,
} from '@hilltop/contracts';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import { freshBackoff, type LinkOutcome, nextBackoff } from './backoff.js';
import { channels } from './cbor.js';

/** A message from the coordinator, decoded and validated; `wireBytes` is its payload as it came. */
export type Incoming = {
  [C in ChannelName]: { readonly channel: C; readonly payload: ChannelPayload<C>; readonly wireBytes: number };
}[ChannelName];

export interface LinkOptions {
  readonly url: string;
  readonly agentId: string;
  readonly shard: number;
  readonly bootId: string;
  /** A new password for each connection. */
  readonly password: () => string;
  /** Sets the clock right after a refusal that may be about the time. */
  readonly onRefusedLogin: () => Promise<void>;
  readonly onUp: () => void;
  readonly onDown: (why: { readonly reason: string; readonly retryMs: number; readonly rejected: boolean }) => void;
  readonly onMessage: (message: Incoming) => void;
  /** The coordinator started anew: say hello again. */
  readonly onEpoch: (epoch: string) => void;
  readonly random: () => number;
  readonly log: Logger;
}

/** CONNACK codes 4 and 5: bad user name or password, not authorised. */
const refusedCodes = new Set([4, 5]);

/**
 * The MQTT connection that is made again for ever. Every attempt is a fresh client with a clean session and an
 * empty store, so that no message a broker refuses can come back to close the next connection.
 */
export class Link {
  private client: MqttClient | undefined;
  private stopped = false;
  private wake: () => void = () => undefined;

  constructor(private readonly options: LinkOptions) {}

  get up(): boolean {
    return this.client?.connected === true;
  }

  /** Connects and reconnects until `stop`. */
  async run(): Promise<void> {
    let backoff = freshBackoff;
    while (!this.stopped) {
      const { outcome, reason } = await this.connectOnce();
      if (outcome.kind === 'rejected' && !this.stopped) await this.options.onRefusedLogin();
      if (this.stopped) return;
      const step = nextBackoff(backoff, outcome, this.options.random());
      backoff = step.state;
      this.options.onDown({ reason, retryMs: Math.round(step.delayMs), rejected: step.rejected });
      await this.pause(step.delayMs);
    }
  }

  /** Publishes at the channel's QoS; false (and nothing is kept) while the link is down. */
  publish<C extends ChannelName>(channel: C, payload: ChannelPayload<C>): boolean {
    const { client } = this;
    if (!client?.connected) return false;
    client.publish(
      `${this.prefix}/${channel}`,
      Buffer.from(channels.encode(channel, payload)),
      { qos: agentChannels[channel].qos },
      (error) => {
        if (error) this.options.log.debug({ channel, reason: error.message }, 'publish failed');
      },
    );
    return true;
  }

  /** Leaves with a DISCONNECT, so that the will is not sent. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    const { client } = this;
    // A farewell on a connection that is not there yet would wait for ever.
    await client
      ?.endAsync(!client.connected)
      .catch((error) => this.options.log.debug({ reason: errorText(error) }, 'leaving failed'));
  }

  private get prefix(): string {
    return agentPrefix(this.options.shard, this.options.agentId);
  }

  private clientOptions(): IClientOptions {
    const { agentId, bootId } = this.options;
    return {
      clientId: agentId,
      username: agentId,
      password: this.options.password(),
      protocolVersion: 4,
      clean: true,
      resubscribe: false,
      reconnectPeriod: 0,
      queueQoSZero: false,
      manualConnect: true,
      keepalive: 20,
      connectTimeout: 8000,
      reschedulePings: true,
      will: {
        topic: `${this.prefix}/up/gone`,
        payload: Buffer.from(channels.encode('up/gone', { bootId })),
        qos: 0,
        retain: false,
      },
    };
  }

  private connectOnce(): Promise<{ outcome: LinkOutcome; reason: string }> {
    return new Promise((resolve) => {
      const client = mqtt.connect(this.options.url, this.clientOptions());
      this.client = client;
      let connectedAt: number | undefined;
      let reason = 'the connection was closed';
      let refused = false;
      client.on('connect', () => {
        connectedAt = performance.now();
        // One filter a call: a refusal of one would fail them all.
        client.subscribe(`${this.prefix}/down/#`, { qos: 1 }, (error) => {
          if (error) return client.end(true);
          client.subscribe(epochTopic, { qos: 1 }, (failed) => {
            if (failed) this.options.log.warn({ reason: failed.message }, 'the lab does not tell when it starts anew');
          });
          this.options.onUp();
        });
      });
      client.on('message', (topic, payload) => this.receive(topic, payload));
      client.on('error', (error: Error & { code?: unknown }) => {
        reason = error.message || String(error.code ?? error);
        refused ||= typeof error.code === 'number' && refusedCodes.has(error.code);
      });
      client.once('close', () => {
        client.end(true);
        if (refused) resolve({ outcome: { kind: 'rejected' }, reason });
        else if (connectedAt === undefined) resolve({ outcome: { kind: 'unreachable' }, reason });
        else resolve({ outcome: { kind: 'closed', connectedMs: performance.now() - connectedAt }, reason });
      });
      client.connect();
    });
  }

  private receive(topic: string, payload: Buffer): void {
    try {
      if (topic === epochTopic) {
        this.options.onEpoch(Epoch.parse(JSON.parse(payload.toString('utf8'))).epoch);
        return;
      }
      const channel = parseTopic(topic)?.channel;
      if (!channel?.startsWith('down/')) return;
      this.options.onMessage({
        channel,
        payload: channels.decode(channel, payload),
        wireBytes: payload.length,
      } as Incoming);
    } catch (error) {
      this.options.log.warn(
        {
          topic,
          code: isLabError(error) ? error.code : undefined,
          details: isLabError(error) ? error.details : undefined,
          reason: errorText(error),
        },
        'a message from the lab was not understood',
      );
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
