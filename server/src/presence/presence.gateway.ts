import {
  type ClientEvents,
  mergePresence,
  type PresenceChanges,
  PresenceCursor,
  PresenceUpdate,
  type ServerEvents,
} from '@hilltop/contracts';
import { type OnModuleDestroy, UseFilters, UseGuards } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { Socket } from 'socket.io';
import * as z from 'zod';
import { Access, Guests } from '../access/access.decorator.js';
import { AccessGuard, type SocketData } from '../access/access.guard.js';
import { ownerOf } from '../access/actor.js';
import { zod } from '../access/zod.pipe.js';
import { AckFilter } from '../live/ack.filter.js';
import { type Person, Roster } from './roster.js';

type LabSocket = Socket<ClientEvents, ServerEvents, Record<string, never>, SocketData>;

/** Screens are told at most this often; in between what they say is merged. 15 Hz: a pointer still looks alive. */
const tellMs = 66;
/** A screen that says more than this is not listened to for the rest of the second. */
const updatesPerSecond = 40;

const Point = z.strictObject({ cursor: PresenceCursor.optional() });

/** Who is here, on what, selecting what: told to every screen, kept nowhere. */
@WebSocketGateway()
@UseGuards(AccessGuard)
@UseFilters(AckFilter)
export class PresenceGateway implements OnGatewayConnection, OnGatewayDisconnect, OnModuleDestroy {
  readonly roster = new Roster();
  readonly #sockets = new Map<LabSocket, { second: number; said: number; untold?: PresenceChanges | undefined }>();
  #timer: NodeJS.Timeout | undefined;

  handleConnection(socket: LabSocket): void {
    this.#sockets.set(socket, { second: 0, said: 0 });
    const { here } = this.roster.all();
    if (here.length > 0) socket.emit('presence', { here, gone: [] });
  }

  handleDisconnect(socket: LabSocket): void {
    this.#sockets.delete(socket);
    this.roster.leave(socket.id, performance.now());
    this.#schedule();
  }

  @SubscribeMessage('presence')
  @Access('viewer')
  @Guests('welcome')
  update(@ConnectedSocket() socket: LabSocket, @MessageBody(zod(PresenceUpdate)) update: PresenceUpdate): { ok: true } {
    const { actor } = socket.data;
    if (actor && this.#mayTalk(socket)) {
      const person: Person = {
        key: ownerOf(actor),
        name: actor.name,
        role: actor.role,
        ...(actor.guest && { guest: true }),
      };
      this.roster.update(socket.id, person, update);
      this.#schedule();
    }
    return { ok: true };
  }

  @SubscribeMessage('point')
  @Access('viewer')
  @Guests('welcome')
  point(@ConnectedSocket() socket: LabSocket, @MessageBody(zod(Point)) { cursor }: z.output<typeof Point>): void {
    if (!this.#mayTalk(socket)) return;
    this.roster.point(socket.id, cursor);
    this.#schedule();
  }

  onModuleDestroy(): void {
    clearTimeout(this.#timer);
  }

  #mayTalk(socket: LabSocket): boolean {
    const budget = this.#sockets.get(socket);
    if (!budget) return false;
    const second = Math.floor(performance.now() / 1000);
    if (second !== budget.second) Object.assign(budget, { second, said: 0 });
    return ++budget.said <= updatesPerSecond;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, tellMs).unref();
  }

  #tell(): void {
    let waiting = this.roster.expire(performance.now());
    const changes = this.roster.changes();
    const moves = this.roster.moves();
    for (const [socket, told] of this.#sockets) {
      told.untold = mergePresence(told.untold, changes);
      // A screen that takes nothing gets one merged message when it does again, never a queue.
      if (told.untold && socket.conn.transport.writable) {
        socket.emit('presence', told.untold);
        told.untold = undefined;
      }
      waiting ||= told.untold !== undefined;
      const path = this.roster.pathOf(socket.id);
      // Nobody is shown their own pointer.
      const cursors = path === undefined ? [] : (moves.get(path) ?? []).filter((each) => each.connection !== socket.id);
      if (cursors.length > 0) socket.volatile.emit('cursors', cursors);
    }
    if (waiting) this.#schedule();
  }
}
