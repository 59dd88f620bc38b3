/** Bare clients, each a process of its own: mqtt.js publishes chunks from memory, or takes them and throws them away. */
import { randomBytes } from 'node:crypto';
import { chunkBytes, chunkWindow } from '@hilltop/contracts';
import mqtt, { type MqttClient } from 'mqtt';
import { type BareAsk, type BareSource, bareTopics } from './bare-topics.js';
import { answering } from './helper-process.js';

export type BareQuestion =
  | { readonly connect: string; readonly as: 'publisher' | 'receiver' }
  | { readonly chunks: number; readonly from: BareSource };

let client: MqttClient | undefined;

async function connect(url: string, as: 'publisher' | 'receiver'): Promise<void> {
  client = await mqtt.connectAsync(url, { protocolVersion: 4 });
  if (as === 'receiver') {
    await client.subscribeAsync(bareTopics.chunk);
    return;
  }
  const chunk = randomBytes(chunkBytes);
  client.on('message', (_topic, payload) => {
    const { count } = JSON.parse(payload.toString()) as BareAsk;
    for (let i = 0; i < count; i++) client!.publish(bareTopics.chunk, chunk, { qos: 0 });
  });
  await client.subscribeAsync(bareTopics.ask.publisher);
}

/** Seconds until all chunks were here, as many in flight as a fetch of the lab has. */
async function receive(via: MqttClient, chunks: number, from: BareSource): Promise<number> {
  const start = performance.now();
  await new Promise<void>((resolve) => {
    let asked = 0;
    let received = 0;
    const ask = (count: number): void => {
      asked += count;
      via.publish(bareTopics.ask[from], JSON.stringify({ count } satisfies BareAsk));
    };
    const take = (): void => {
      received += 1;
      if (asked < chunks) ask(1);
      if (received < chunks) return;
      via.off('message', take);
      resolve();
    };
    via.on('message', take);
    ask(Math.min(chunkWindow, chunks));
  });
  return (performance.now() - start) / 1000;
}

answering<BareQuestion, number | undefined>(async (question) => {
  if ('connect' in question) {
    await connect(question.connect, question.as);
    return undefined;
  }
  return receive(client!, question.chunks, question.from);
});
