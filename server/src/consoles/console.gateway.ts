import {
  type ClientEvents,
  ConsoleAnswer,
  ConsoleInputText,
  ConsoleKey,
  type ConsoleReply,
  consoleLimits,
  Id,
  LabError,
  type ServerEvents,
} from '@hilltop/contracts';
import { Inject, UseFilters, UseGuards } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { Socket } from 'socket.io';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { AccessGuard, type SocketData } from '../access/access.guard.js';
import type { Actor } from '../access/actor.js';
import { zod } from '../access/zod.pipe.js';
import { AckFilter } from '../live/ack.filter.js';
import { LOG, type Log } from '../log.js';
import { TokenBucket } from '../token-bucket.js';
import { type KeyboardAct, KeyboardService } from './keyboard.service.js';

type LabSocket = Socket<ClientEvents, ServerEvents, Record<string, never>, SocketData>;

const Of = z.strictObject({ deviceId: Id });
type Of = z.infer<typeof Of>;
const Answered = ConsoleAnswer.extend({ deviceId: Id });
type Answered = z.infer<typeof Answered>;
const Typed = z
  .strictObject({ deviceId: Id, text: ConsoleInputText.optional(), key: ConsoleKey.optional() })
  .refine(({ text, key }) => (text === undefined) !== (key === undefined), { message: 'either text or a key' });
type Typed = z.infer<typeof Typed>;

/** Keyboards for screens: each is its connection's, and lost with it. Who acts is known by the connection, never by what it says. */
@WebSocketGateway()
@UseGuards(AccessGuard)
@UseFilters(AckFilter)
export class ConsoleGateway implements OnGatewayDisconnect {
  readonly #budgets = new WeakMap<LabSocket, TokenBucket>();
  readonly #log: Log;

  constructor(
    private readonly keyboards: KeyboardService,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'consoles' });
  }

  handleDisconnect(socket: LabSocket): void {
    this.keyboards
      .disconnected(socket.id)
      .catch((error: unknown) => this.#log.error({ err: error }, 'the keyboards of a connection that ended'));
  }

  @SubscribeMessage('console.watch')
  @Access('viewer')
  async watch(@ConnectedSocket() socket: LabSocket, @MessageBody(zod(Of)) { deviceId }: Of): Promise<ConsoleReply> {
    this.#pay(socket);
    await this.keyboards.watch(actorOf(socket), deviceId, socket.id);
    // Closed meanwhile: nobody would say that it left.
    if (!socket.connected) this.keyboards.leave(deviceId, socket.id);
    return { ok: true, order: 0 };
  }

  @SubscribeMessage('console.leave')
  @Access('viewer')
  leave(@ConnectedSocket() socket: LabSocket, @MessageBody(zod(Of)) { deviceId }: Of): ConsoleReply {
    this.keyboards.leave(deviceId, socket.id);
    return { ok: true, order: 0 };
  }

  @SubscribeMessage('console.take')
  @Access('operator')
  take(@ConnectedSocket() socket: LabSocket, @MessageBody(zod(Of)) { deviceId }: Of): Promise<ConsoleReply> {
    return this.#act(socket, deviceId, { type: 'take', connection: socket.id });
  }

  @SubscribeMessage('console.ask')
  @Access('operator')
  ask(@ConnectedSocket() socket: LabSocket, @MessageBody(zod(Of)) { deviceId }: Of): Promise<ConsoleReply> {
    return this.#act(socket, deviceId, { type: 'ask', connection: socket.id });
  }

  @SubscribeMessage('console.answer')
  @Access('operator')
  answer(
    @ConnectedSocket() socket: LabSocket,
    @MessageBody(zod(Answered)) { deviceId, answer }: Answered,
  ): Promise<ConsoleReply> {
    return this.#act(socket, deviceId, { type: 'answer', answer });
  }

  @SubscribeMessage('console.drop')
  @Access('operator')
  drop(@ConnectedSocket() socket: LabSocket, @MessageBody(zod(Of)) { deviceId }: Of): Promise<ConsoleReply> {
    return this.#act(socket, deviceId, { type: 'drop' });
  }

  @SubscribeMessage('console.type')
  @Access('operator')
  async type(
    @ConnectedSocket() socket: LabSocket,
    @MessageBody(zod(Typed)) { deviceId, ...typed }: Typed,
  ): Promise<ConsoleReply> {
    this.#pay(socket);
    return { ok: true, order: await this.keyboards.type(actorOf(socket), deviceId, typed, socket.id) };
  }

  async #act(socket: LabSocket, deviceId: string, act: Exclude<KeyboardAct, { type: 'type' }>): Promise<ConsoleReply> {
    this.#pay(socket);
    const order = await this.keyboards.act(actorOf(socket), deviceId, act);
    // A keyboard that was given to a connection which ended meanwhile would be nobody's.
    if (!socket.connected) await this.keyboards.disconnected(socket.id);
    return { ok: true, order };
  }

  /** Throws `request.rate-limited`. */
  #pay(socket: LabSocket): void {
    const rate = consoleLimits.perSecond;
    const budget = this.#budgets.get(socket) ?? new TokenBucket(rate, 2 * rate, () => performance.now());
    this.#budgets.set(socket, budget);
    if (!budget.take(1))
      throw new LabError(
        'request.rate-limited',
        `more than ${rate} messages a second; type slower, or send longer lines`,
      );
  }
}

function actorOf(socket: LabSocket): Actor {
  const { actor } = socket.data;
  if (!actor) throw new LabError('auth.missing', 'this connection has no person');
  return actor;
}
