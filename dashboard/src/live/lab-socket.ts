import type { ClientEvents, ServerEvents } from '@hilltop/contracts';
import { io, type Socket } from 'socket.io-client';
import type { LinkHandlers, LinkSocket } from './live-link.js';

/** Longest wait between two attempts. Attempts never end. */
const longestPauseMs = 5000;
const answerTimeoutMs = 5000;

/** Socket.IO behind the link's port. `token` is read anew at each attempt. */
export function labSocket(token: () => string | undefined): (handlers: LinkHandlers) => LinkSocket {
  return (handlers) => {
    const socket: Socket<ServerEvents, ClientEvents> = io({
      autoConnect: false,
      transports: ['websocket', 'polling'],
      reconnectionDelay: 500,
      reconnectionDelayMax: longestPauseMs,
      randomizationFactor: 0.3,
      auth: (give) => give({ token: token() }),
    });
    let closed = false;
    socket.on('connect', handlers.connected);
    socket.on('disconnect', (reason) => {
      handlers.disconnected(reason, 'will-retry');
      // Socket.IO itself stays away when the server ended it; a restarting lab does just that.
      if (reason === 'io server disconnect' && !closed) setTimeout(() => !closed && socket.connect(), 1000);
    });
    socket.on('connect_error', (error: Error & { data?: { code?: unknown } }) => {
      const refused = /^auth\./.test(String(error.data?.code ?? ''));
      handlers.disconnected(error.message, refused ? 'final' : 'will-retry');
      // A middleware that said no without an auth code (the lab is starting): not retried by Socket.IO.
      if (!refused && !socket.active && !closed) setTimeout(() => !closed && socket.connect(), longestPauseMs);
    });
    socket.on('changes', handlers.changes);
    socket.on('live', handlers.live);
    socket.on('pulse', handlers.pulse);
    socket.on('console', handlers.console);
    socket.on('quiet', handlers.quiet);
    socket.on('presence', handlers.presence);
    socket.on('cursors', handlers.cursors);
    return {
      open: () => {
        closed = false;
        socket.connect();
      },
      close: () => {
        closed = true;
        socket.disconnect();
      },
      subscribe: (request) => socket.timeout(answerTimeoutMs).emitWithAck('subscribe', request),
      present: (update) => void socket.volatile.emit('presence', update),
      point: (cursor) => void socket.volatile.emit('point', cursor === undefined ? {} : { cursor }),
      id: () => socket.id,
      command: async (event, payload) => {
        // Socket.IO would keep it until the connection is back.
        if (!socket.connected) throw new Error('not connected');
        return (socket as Socket).timeout(answerTimeoutMs).emitWithAck(event, payload);
      },
      unsubscribe: (topic) => void socket.volatile.emit('unsubscribe', { topic }),
    };
  };
}
