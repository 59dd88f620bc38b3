/** A process full of screens without a page: Socket.IO clients that follow the lab and note how late they hear of it. */
import type { ClientEvents, ServerEvents } from '@hilltop/contracts';
import { io, type Socket } from 'socket.io-client';
import { serve } from './child-protocol.js';

export interface WatchTask {
  readonly url: string;
  readonly token: string;
  readonly count: number;
}

const sockets: Socket<ServerEvents, ClientEvents>[] = [];
let late: number[] = [];

async function connect({ url, token, count }: WatchTask): Promise<void> {
  for (let i = 0; i < count; i++) {
    const socket: Socket<ServerEvents, ClientEvents> = io(url, {
      transports: ['websocket'],
      forceNew: true,
      auth: { token },
    });
    const hear = ({ sentAtMs }: { sentAtMs?: number }): void => {
      if (sentAtMs !== undefined) late.push(Date.now() - sentAtMs);
    };
    socket.on('pulse', hear);
    socket.on('changes', hear);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    await socket.timeout(20_000).emitWithAck('subscribe', { topic: 'lab' });
    await socket.timeout(20_000).emitWithAck('presence', { page: '/', selection: [], state: 'active' });
    sockets.push(socket);
  }
}

/** How late each message was since the last time, ms. */
async function take(): Promise<number[]> {
  const taken = late;
  late = [];
  return taken;
}

async function leave(): Promise<void> {
  for (const socket of sockets.splice(0)) socket.disconnect();
}

serve({ connect, take, leave } as never);
