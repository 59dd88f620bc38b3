/**
 * The bare broker artifact transfer is held against, a process of its own: aedes with nothing around it, over
 * WebSocket as the lab has it. On `bare/ask/broker` it also answers by itself, from memory: what one hop less costs.
 * Prints `{"port": n}` when it listens.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { chunkBytes } from '@hilltop/contracts';
import { Aedes } from 'aedes';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { type BareAsk, bareTopics } from './bare-topics.js';

const chunk = randomBytes(chunkBytes);
const broker = await Aedes.createBroker({ concurrency: 1000 });
broker.on('publish', (packet, client) => {
  if (!client || packet.topic !== bareTopics.ask.broker) return;
  const { count } = JSON.parse(packet.payload.toString()) as BareAsk;
  for (let i = 0; i < count; i++) {
    const answer = { topic: bareTopics.chunk, payload: chunk, qos: 0, retain: false, dup: false } as const;
    broker.publish({ cmd: 'publish', ...answer }, () => undefined);
  }
});
const server = createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, request) => {
  const stream = createWebSocketStream(socket);
  stream.on('error', () => undefined); // the client is gone; without a listener it would end the process
  broker.handle(stream, request);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${JSON.stringify({ port: typeof address === 'object' && address ? address.port : 0 })}\n`);
});
