/** A screen on a bad line: follows the lab over a raw WebSocket and reads one piece, 64 KiB at most, now and then. */
import type { Socket } from 'node:net';
import WebSocket from 'ws';
import { serve } from './child-protocol.js';

export interface SlowReaderTask {
  readonly url: string;
  readonly token: string;
}

const everyMs = 4000;

let socket: WebSocket | undefined;
let heard = 0;
let timer: NodeJS.Timeout | undefined;

/** Connects as Socket.IO does (Engine.IO 4 over WebSocket), subscribes, then hardly reads. */
async function connect({ url, token }: SlowReaderTask): Promise<void> {
  const ws = new WebSocket(`${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`);
  socket = ws;
  await new Promise<void>((resolve, reject) => {
    ws.on('error', reject);
    ws.on('message', (data) => {
      const text = String(data);
      heard++;
      if (text.startsWith('0')) ws.send(`40${JSON.stringify({ token })}`);
      if (text === '2') ws.send('3');
      if (text.startsWith('40')) {
        ws.send(`420${JSON.stringify(['subscribe', { topic: 'lab' }])}`);
        ws.send(`421${JSON.stringify(['presence', { page: '/', selection: [], state: 'active' }])}`);
      }
      if (text.startsWith('430')) resolve();
    });
  });
  const { _socket: wire } = ws as unknown as { _socket: Socket };
  wire.on('data', () => wire.pause());
  wire.pause();
  timer = setInterval(() => wire.resume(), everyMs);
}

/** Whether the lab still holds the connection, and messages since the last time. */
async function state(): Promise<{ isOpen: boolean; heard: number }> {
  const taken = heard;
  heard = 0;
  return { isOpen: socket?.readyState === WebSocket.OPEN, heard: taken };
}

async function leave(): Promise<void> {
  clearInterval(timer);
  socket?.terminate();
  socket = undefined;
}

serve({ connect, state, leave } as never);
