import {
  applyChanges,
  type Change,
  type Changes,
  type ClientEvents,
  type Entities,
  LabError,
  noEntities,
  type ServerEvents,
  type SubscribeAnswer,
  type Topic,
} from '@hilltop/contracts';
import { io, type Socket } from 'socket.io-client';
import type { LabAddress } from './credentials.js';

export interface FollowOptions {
  readonly address: LabAddress;
  readonly topic: Topic;
  readonly signal?: AbortSignal;
  /** After the snapshot (`changes` are then all entities) and after each change. */
  readonly onChanges: (changes: readonly Change[], entities: Entities) => void;
  readonly onLive?: ServerEvents['live'];
  readonly onConsole?: ServerEvents['console'];
  /** The connection went or came back. */
  readonly onLink?: (link: 'up' | 'down') => void;
  /** Ends when it returns true, after each change. */
  readonly until?: (entities: Entities) => boolean;
}

/**
 * Follows a topic over Socket.IO until `until` holds or the signal is aborted. A lost connection is the normal path: it
 * comes back by itself and asks for what was missed. Throws what the lab refuses, e.g. `auth.unknown`.
 */
export function followTopic(options: FollowOptions): Promise<Entities> {
  const socket: Socket<ServerEvents, ClientEvents> = io(options.address.url, {
    transports: ['websocket'],
    auth: { token: options.address.token },
    reconnectionDelayMax: 2000,
  });
  let entities = noEntities;
  let have: { epoch: string; revision: number } | undefined;

  return new Promise<Entities>((resolve, reject) => {
    const end = (finish: () => void): void => {
      options.signal?.removeEventListener('abort', stop);
      socket.close();
      finish();
    };
    const stop = (): void => end(() => resolve(entities));
    const apply = (changes: readonly Change[], at: { epoch: string; revision: number }): void => {
      entities = applyChanges(entities, changes);
      have = { epoch: at.epoch, revision: at.revision };
      options.onChanges(changes, entities);
      if (options.until?.(entities)) stop();
    };
    const answered = (answer: SubscribeAnswer): void => {
      if (!answer.ok) {
        const { code, message } = answer.error;
        end(() => reject(new LabError('request.invalid', message, { code })));
      } else if ('snapshot' in answer) {
        entities = noEntities;
        apply(answer.snapshot.entities, answer.snapshot);
      } else {
        apply(answer.changes.changes, { epoch: answer.changes.epoch, revision: answer.changes.to });
      }
    };
    const subscribe = (): void =>
      void socket.emit('subscribe', { topic: options.topic, ...(have && { have }) }, answered);

    socket.on('connect', () => {
      options.onLink?.('up');
      subscribe();
    });
    socket.on('disconnect', (reason) => {
      // Our own end is no loss.
      if (reason === 'io client disconnect') return;
      options.onLink?.('down');
      // The lab ended it on purpose, e.g. at a restart: Socket.IO then leaves reconnecting to us.
      if (reason === 'io server disconnect') socket.connect();
    });
    socket.on('connect_error', (error: Error & { data?: { code?: string } }) => {
      // Refused by the lab, not by the network: `active` says whether Socket.IO tries again by itself.
      if (!socket.active)
        end(() =>
          reject(new LabError('auth.unknown', `the lab refused the connection: ${error.message}`, error.data ?? {})),
        );
    });
    socket.on('changes', (changes: Changes) => {
      if (changes.topic !== options.topic) return;
      if (!have || changes.epoch !== have.epoch || changes.from > have.revision) return subscribe();
      if (changes.to > have.revision) apply(changes.changes, { epoch: changes.epoch, revision: changes.to });
    });
    if (options.onLive) socket.on('live', options.onLive);
    if (options.onConsole) socket.on('console', options.onConsole);
    options.signal?.addEventListener('abort', stop, { once: true });
    if (options.signal?.aborted) stop();
  });
}
