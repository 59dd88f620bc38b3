import { type EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Epoch, epochTopic, frameLimit } from '@hilltop/contracts';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import { createWebSocketStream, type WebSocket } from 'ws';
import { KeyedBuckets, TokenBucket } from '../token-bucket.js';
import { mayPublish, mayReceive, maySubscribe, sameIdentity } from './agent-access.js';
import { type FrameCounter, guardFrames } from './frame-guard.js';
import { listenOnPort, type PortRequest } from './listen.js';
import type { AgentAuthenticator, Transport, TransportEvents } from './transport.js';

export interface EmbeddedBrokerOptions {
  /** TCP listener. */
  readonly listen: PortRequest;
  readonly epoch: Epoch;
  /** Of one agent, sustained; ten times as much at once. */
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** Refused connections per minute and address. */
  readonly refusalsPerMinute: number;
  readonly nowMs: () => number;
}

/** A frozen reader may hold up its own messages this long before it is cut off. */
const drainTimeoutMs = 3000;
const connectTimeoutMs = 5000;
/** An agent needs two filters; more only cost memory. */
const filtersPerAgent = 8;
const maxConnections = 5000;

interface Session {
  readonly guard: FrameCounter;
  readonly address: string;
  readonly bucket: { readonly messages: TokenBucket; readonly bytes: TokenBucket };
  filters: number;
  reported: boolean;
}

/** The lab's own MQTT broker, on TCP and on WebSocket. Agents see nothing but their own topics and the epoch. */
export class EmbeddedBroker implements Transport {
  readonly vouches = true;
  readonly #clients = new Map<string, Client>();
  readonly #sessions = new WeakMap<object, Session>();
  readonly #refusals: KeyedBuckets;
  /** Every open connection, also of clients that are not known yet. */
  readonly #streams = new Set<Duplex>();
  #broker: Aedes | undefined;
  #server: Server | undefined;
  #port: number | undefined;

  constructor(
    private readonly options: EmbeddedBrokerOptions,
    private readonly events: TransportEvents,
    private readonly authenticate: AgentAuthenticator,
  ) {
    this.#refusals = new KeyedBuckets(options.refusalsPerMinute, options.nowMs);
  }

  /** TCP port that is bound. */
  get port(): number | undefined {
    return this.#port;
  }

  get clients(): number {
    return this.#clients.size;
  }

  async start(): Promise<void> {
    const broker = await Aedes.createBroker({
      concurrency: 1000,
      connectTimeout: connectTimeoutMs,
      drainTimeout: drainTimeoutMs,
      keepaliveLimit: 120,
      queueLimit: 42,
      maxTopicLevels: 10,
      maxInflightInbound: 100,
      maxClientsIdLength: 64,
      preConnect: (client, _packet, callback) =>
        this.#mayTry(client) ? callback(null, true) : callback(new Error('too many refusals'), false),
      authenticate: (client, username, password, callback) => {
        void this.#admit(client, username, password).then((refusal) =>
          callback(refusal ?? null, refusal === undefined),
        );
      },
      authorizePublish: (client, packet, callback) => callback(client ? this.#refusePublish(client, packet) : null),
      authorizeSubscribe: (client, subscription, callback) =>
        callback(
          null,
          this.#allowsFilter(client, subscription.topic) ? { ...subscription, qos: subscription.qos ? 1 : 0 } : null,
        ),
      authorizeForward: (client, packet) => (mayReceive(client.id, packet.topic) ? packet : null),
      published: (packet, client, callback) => {
        if (client) this.events.message(packet.topic, bytesOf(packet.payload));
        callback(null);
      },
    });
    this.#broker = broker;
    broker.on('clientReady', (client) => {
      this.#clients.set(client.id, client);
      this.events.connect(client.id);
    });
    broker.on('clientDisconnect', (client) => {
      // After a takeover the name already belongs to the newer connection.
      if (this.#clients.get(client.id) !== client) return;
      this.#clients.delete(client.id);
      this.events.disconnect(client.id);
    });
    (broker as EventEmitter).on('error', (error: Error) =>
      this.events.rejected('broker-error', { why: error.message }),
    );
    broker.on('clientError', (client, error) => this.#reportOnce(client, 'client-error', error));
    broker.on('connectionError', (client, error) => this.#reportOnce(client, 'connection-error', error));
    await this.#announce(broker);
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket, socket.remoteAddress));
    this.#server.maxConnections = maxConnections;
    this.#port = await listenOnPort(this.#server, this.options.listen);
  }

  /** Takes over a WebSocket at `/mqtt`. */
  acceptWebSocket(socket: WebSocket, request: IncomingMessage): void {
    this.#accept(createWebSocketStream(socket), request.socket.remoteAddress);
  }

  async publish(agentId: string, topic: string, payload: Uint8Array, qos: 0 | 1): Promise<boolean> {
    const client = this.#clients.get(agentId);
    if (!client || client.closed) return false;
    // Straight to this client: through the broker's queue one frozen reader would stall all agents.
    // A view, not a copy: chunks are large, and what is copied has to be collected.
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    await new Promise<void>((resolve) =>
      client.publish({ cmd: 'publish', topic, payload: bytes, qos, retain: false, dup: false }, () => resolve()),
    );
    return true;
  }

  close(agentId: string): void {
    this.#clients.get(agentId)?.close();
  }

  connected(agentId: string): boolean {
    return this.#clients.has(agentId);
  }

  address(agentId: string): string | undefined {
    const client = this.#clients.get(agentId);
    return client && this.#sessions.get(client.conn)?.address;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    const broker = this.#broker;
    if (broker) await new Promise<void>((resolve) => broker.close(() => resolve()));
    const closed = server?.listening ? once(server.close(), 'close') : undefined;
    for (const stream of this.#streams) stream.destroy();
    await closed;
  }

  #accept(stream: Duplex, address = 'unknown'): void {
    stream.on('error', () => undefined); // the broker reports it; without a listener it would end the process
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    const guard = guardFrames(stream, frameLimit.beforeAuthentication, () =>
      this.events.rejected('frame-too-large', { address }),
    );
    const { messagesPerSecond, bytesPerSecond, nowMs } = this.options;
    this.#sessions.set(stream, {
      guard,
      address,
      bucket: {
        messages: new TokenBucket(messagesPerSecond, messagesPerSecond * 10, nowMs),
        bytes: new TokenBucket(bytesPerSecond, bytesPerSecond * 10, nowMs),
      },
      filters: 0,
      reported: false,
    });
    this.#broker?.handle(stream);
  }

  /** One bucket of refusals per address: who was refused too often waits. */
  #mayTry(client: Client): boolean {
    const address = this.#sessions.get(client.conn)?.address ?? 'unknown';
    const allowed = this.#refusals.of(address).has(1);
    if (!allowed) this.events.rejected('too-many-refusals', { address });
    return allowed;
  }

  async #admit(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): Promise<AuthenticateError | undefined> {
    const session = this.#sessions.get(client.conn);
    const refuse = (reason: string): AuthenticateError => {
      const address = session?.address ?? 'unknown';
      this.#refusals.of(address).take(1);
      this.events.rejected('authentication', { agentId: client.id, address, why: reason });
      return Object.assign(new Error('not authorized'), { returnCode: 5 });
    };
    try {
      if (!session || !sameIdentity(client.id, username)) return refuse('user name and client id must be the agent id');
      // A kept session would queue without limit for an agent that is away; hello repairs everything.
      if (!client.clean) return refuse('only clean sessions');
      const refusal = await this.authenticate(client.id, password?.toString('utf8') ?? '');
      if (refusal !== undefined) return refuse(refusal);
      session.guard.limit = frameLimit.after;
      return undefined;
    } catch (error) {
      return refuse(error instanceof Error ? error.message : 'failed');
    }
  }

  /** Why a publish, or a will, is refused; the connection is closed then. */
  #refusePublish(
    client: Client,
    packet: { topic: string; qos: number; retain: boolean; payload: string | Buffer },
  ): Error | null {
    const refuse = (reason: string): Error => {
      this.events.rejected(reason, { agentId: client.id, topic: packet.topic.slice(0, 200) });
      return new Error(reason);
    };
    const session = this.#sessions.get(client.conn);
    if (!mayPublish(client.id, packet.topic)) return refuse('foreign-topic');
    if (packet.qos > 1) return refuse('qos-2');
    if (packet.retain) return refuse('retain');
    if (session && !(session.bucket.messages.take(1) && session.bucket.bytes.take(packet.payload.length)))
      return refuse('flood');
    return null;
  }

  #allowsFilter(client: Client, filter: string): boolean {
    const session = this.#sessions.get(client.conn);
    if (session && maySubscribe(client.id, filter) && session.filters++ < filtersPerAgent) return true;
    this.events.rejected('foreign-filter', { agentId: client.id, filter: filter.slice(0, 200) });
    return false;
  }

  #reportOnce(client: Client, reason: string, error: Error): void {
    const session = this.#sessions.get(client.conn);
    if (!session || session.reported) return;
    session.reported = true;
    this.events.rejected(reason, { agentId: client.id ?? undefined, address: session.address, why: error.message });
  }

  async #announce(broker: Aedes): Promise<void> {
    const payload = Buffer.from(JSON.stringify(this.options.epoch));
    await new Promise<void>((resolve, reject) =>
      broker.publish({ cmd: 'publish', topic: epochTopic, payload, qos: 1, retain: true, dup: false }, (error) =>
        error ? reject(error) : resolve(),
      ),
    );
  }
}

function bytesOf(payload: string | Buffer): Uint8Array {
  return typeof payload === 'string' ? Buffer.from(payload) : payload;
}
