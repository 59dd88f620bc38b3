import type { IncomingMessage } from 'node:http';
import {
  type ClientEvents,
  type ConsoleEvent,
  type LiveEvent,
  type Pulses,
  type ServerEvents,
  Subscribe,
  type SubscribeAnswer,
  Topic,
} from '@hilltop/contracts';
import { type OnModuleDestroy, UseFilters, UseGuards } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { Server, Socket } from 'socket.io';
import * as z from 'zod';
import { Access, Guests } from '../access/access.decorator.js';
import { AccessGuard, type SocketData } from '../access/access.guard.js';
import { AccessService } from '../access/access.service.js';
import { HostPolicy } from '../access/host-policy.js';
import { toLabError } from '../access/problem.filter.js';
import { zod } from '../access/zod.pipe.js';
import { AckFilter } from './ack.filter.js';
import { LiveService } from './live.service.js';
import { Subscriber } from './subscriber.js';

type LabSocket = Socket<ClientEvents, ServerEvents, Record<string, never>, SocketData>;
type LabServer = Server<ClientEvents, ServerEvents, Record<string, never>, SocketData>;

/** A token that expired or was revoked by another coordinator is found out within this time. */
const recheckMs = 60_000;
/** How soon a screen that was busy is tried again. */
const retryMs = 100;

const Unsubscribe = z.strictObject({ topic: Topic });

/** The live view of people: snapshots, then changes. Only for the bearers of a token, from our own pages. */
@WebSocketGateway({
  serveClient: false,
  maxHttpBufferSize: 64e3,
  pingInterval: 15_000,
  pingTimeout: 20_000,
  perMessageDeflate: false,
  httpCompression: false,
})
@UseGuards(AccessGuard)
@UseFilters(AckFilter)
export class LiveGateway implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect, OnModuleDestroy {
  readonly #screens = new Map<LabSocket, Subscriber>();
  readonly #stop: Array<() => void> = [];
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly live: LiveService,
    private readonly access: AccessService,
    private readonly hosts: HostPolicy,
  ) {}

  afterInit(server: LabServer): void {
    // Browsers apply no CORS to WebSockets: the origin is ours to check.
    const allow = (request: IncomingMessage): void => {
      this.hosts.checkHost(request.headers.host);
      this.hosts.checkOrigin(request.headers.origin, request.headers.host);
    };
    server.engine.opts.allowRequest = (
      request: IncomingMessage,
      done: (error: string | null, success: boolean) => void,
    ) => {
      try {
        allow(request);
        done(null, true);
      } catch (error) {
        done(toLabError(error).code, false);
      }
    };
    server.use((socket, next) => {
      this.#authenticate(socket).then(
        () => next(),
        (error: unknown) => {
          const { code, message } = toLabError(error);
          next(Object.assign(new Error(message), { data: { code } }));
        },
      );
    });
    const recheck = setInterval(() => this.#recheck(), recheckMs);
    recheck.unref();
    this.#stop.push(
      () => clearInterval(recheck),
      this.live.flushed.listen(() => this.#flush()),
      this.live.live.listen((event) => this.#pass(event, (socket) => socket.volatile.emit('live', event))),
      this.live.console.listen((event) => this.#pass(event, (socket) => socket.volatile.emit('console', event))),
      this.live.pulsed.listen((pulses) => this.#pulse(pulses)),
      this.live.quiet.listen(() => this.#quiet()),
      this.access.onRevoked((tokenId) => this.#close((socket) => socket.data.actor?.tokenId === tokenId)),
    );
  }

  handleConnection(socket: LabSocket): void {
    const screen = {
      writable: () => socket.conn.transport.writable,
      changes: (changes: Parameters<ServerEvents['changes']>[0]) =>
        void socket.emit('changes', { ...changes, sentAtMs: Date.now() }),
    };
    this.#screens.set(socket, new Subscriber(screen, this.live.epoch, this.live.feed));
    if (this.live.quietFor(addressOf(socket))) socket.emit('quiet', { active: true });
  }

  handleDisconnect(socket: LabSocket): void {
    this.#screens.delete(socket);
  }

  @SubscribeMessage('subscribe')
  @Access('viewer')
  @Guests('welcome')
  async subscribe(
    @ConnectedSocket() socket: LabSocket,
    @MessageBody(zod(Subscribe)) request: Subscribe,
  ): Promise<SubscribeAnswer> {
    const subscriber = this.#screens.get(socket);
    if (!subscriber) return { ok: false, error: { code: 'request.invalid', message: 'the connection is closing' } };
    return subscriber.subscribe(request, (topic) => this.live.snapshot(topic));
  }

  @SubscribeMessage('unsubscribe')
  @Access('viewer')
  @Guests('welcome')
  unsubscribe(
    @ConnectedSocket() socket: LabSocket,
    @MessageBody(zod(Unsubscribe)) request: z.output<typeof Unsubscribe>,
  ): { ok: true } {
    this.#screens.get(socket)?.unsubscribe(request.topic);
    return { ok: true };
  }

  /** Connected screens. */
  get clients(): number {
    return this.#screens.size;
  }

  onModuleDestroy(): void {
    clearTimeout(this.#retry);
    for (const stop of this.#stop) stop();
  }

  async #authenticate(socket: LabSocket): Promise<void> {
    const token: unknown = socket.handshake.auth['token'];
    socket.data.actor = await this.access.authenticate(typeof token === 'string' ? token : undefined);
    this.access.demand(socket.data.actor, 'viewer');
  }

  #recheck(): void {
    for (const socket of this.#screens.keys()) this.#authenticate(socket).catch(() => socket.disconnect(true));
  }

  #close(which: (socket: LabSocket) => boolean): void {
    for (const socket of this.#screens.keys()) if (which(socket)) socket.disconnect(true);
  }

  #flush(): void {
    let behind = false;
    for (const subscriber of this.#screens.values()) if (!subscriber.flush()) behind = true;
    if (!behind || this.#retry) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#flush();
    }, retryMs);
    this.#retry.unref();
  }

  #pass({ deviceId, jobId }: LiveEvent | ConsoleEvent, tell: (socket: LabSocket) => void): void {
    for (const [socket, subscriber] of this.#screens) {
      const follows = subscriber.follows(`device/${deviceId}`) || (jobId && subscriber.follows(`job/${jobId}`));
      if (follows) tell(socket);
    }
  }

  #pulse(pulses: Pulses): void {
    for (const [socket, subscriber] of this.#screens)
      if (subscriber.follows('lab')) socket.volatile.emit('pulse', pulses);
  }

  #quiet(): void {
    for (const socket of this.#screens.keys()) socket.emit('quiet', { active: this.live.quietFor(addressOf(socket)) });
  }
}

/** IPv4 in IPv6 clothes is IPv4. */
function addressOf(socket: LabSocket): string {
  return socket.handshake.address.replace(/^::ffff:/, '');
}
