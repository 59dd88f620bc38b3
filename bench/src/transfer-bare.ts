/** The bare receiver, a process of its own: mqtt.js, the same chunks and the same window, thrown away as they come. */
import { chunkWindow } from '@hilltop/contracts';
import mqtt, { type MqttClient } from 'mqtt';
import { answering } from './helper-process.js';

export type BareQuestion = { readonly connect: string } | { readonly chunks: number };

let client: MqttClient | undefined;

async function connect(url: string): Promise<void> {
  client = await mqtt.connectAsync(url, { protocolVersion: 4 });
  await client.subscribeAsync('bare/down');
}

/** Seconds until all chunks were here. */
async function receive(from: MqttClient, chunks: number): Promise<number> {
  const start = performance.now();
  await new Promise<void>((resolve) => {
    let asked = 0;
    let received = 0;
    const ask = (count: number): void => {
      asked += count;
      from.publish('bare/up', JSON.stringify({ count }));
    };
    const take = (): void => {
      received += 1;
      if (asked < chunks) ask(1);
      if (received < chunks) return;
      from.off('message', take);
      resolve();
    };
    from.on('message', take);
    ask(Math.min(chunkWindow, chunks));
  });
  return (performance.now() - start) / 1000;
}

answering<BareQuestion, number | undefined>(async (question) => {
  if ('connect' in question) {
    await connect(question.connect);
    return undefined;
  }
  return receive(client!, question.chunks);
});
