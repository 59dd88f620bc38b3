import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cache, Fetcher, type Incoming } from '@hilltop/agent';
import { chunkBytes, chunkWindow, type RunStart } from '@hilltop/contracts';
import mqtt from 'mqtt';
import { root, startLab, type TestLab } from '../../test/support/lab.js';
import { bytes, int, message, model, node, tensor, value } from '../../test/support/onnx.js';
import { JsonProcess } from '../../test/support/process.js';
import { type Bench, type BenchOptions, type BenchResult, outcomeOf } from './bench.js';
import { SimAgent } from './sim-agent.js';
import { bootstrapRatio, geometricMean } from './statistics.js';

const megabytes = 40;
const roundsWanted = 20;
const roundsQuick = 4;
const ratioWanted = 0.5;
const uint8 = 2;
const float = 1;

/** A valid model that is nearly all one random initializer: y = x + float(b[0]). */
function incompressibleModel(): Buffer {
  const size = megabytes * 1_000_000;
  const zero = new Uint8Array(BigInt64Array.of(0n).buffer);
  // Cast: to = 1 (float); AttributeProto: name = 1, i = 3, type = 20 (INT = 2).
  return model(
    node('Gather', ['b', 'i'], ['g']),
    node('Cast', ['g'], ['f'], message(5, bytes(1, 'to'), int(3, float), int(20, 2))),
    node('Add', ['x', 'f'], ['y']),
    tensor(5, 'b', uint8, [size], randomBytes(size)),
    tensor(5, 'i', 7, [1], zero),
    value(11, 'x', float, [1, 4]),
    value(12, 'y', float, [1, 4]),
  );
}

/** The real path: the agent's fetcher over the real link, into an empty cache, verified chunk by chunk and whole, synced. */
async function fetchOnce(fetcher: Fetcher, cache: Cache, artifact: RunStart['artifact']): Promise<number> {
  await cache.drop(artifact.sha256);
  const start = performance.now();
  const { transferBytes } = await fetcher.get(artifact, () => undefined, new AbortController().signal);
  const seconds = (performance.now() - start) / 1000;
  if (transferBytes < artifact.bytes)
    throw new Error(`only ${transferBytes} of ${artifact.bytes} bytes went over the wire: not incompressible`);
  return artifact.bytes / 1e6 / seconds;
}

/** The same number of chunks from the bare broker, the same window in flight, thrown away as they come. */
async function bareOnce(client: mqtt.MqttClient, chunks: number): Promise<number> {
  const start = performance.now();
  await new Promise<void>((resolve) => {
    let asked = 0;
    let received = 0;
    const ask = (count: number): void => {
      asked += count;
      client.publish('bare/up', JSON.stringify({ count }));
    };
    const take = (): void => {
      received += 1;
      if (asked < chunks) ask(1);
      if (received < chunks) return;
      client.off('message', take);
      resolve();
    };
    client.on('message', take);
    ask(Math.min(chunkWindow, chunks));
  });
  return (chunks * chunkBytes) / 1e6 / ((performance.now() - start) / 1000);
}

/** A simulated agent that holds a run of the model, with the real agent's fetcher on its link. */
async function holdRun(
  lab: TestLab,
  folder: string,
): Promise<{ agent: SimAgent; fetcher: Fetcher; cache: Cache; start: RunStart }> {
  const cache = await Cache.open(join(folder, 'cache'), 1e9);
  let fetcher: Fetcher | undefined;
  let begin: (start: RunStart) => void = () => undefined;
  const started = new Promise<RunStart>((resolve) => {
    begin = resolve;
  });
  const agent = await SimAgent.join({
    url: lab.url,
    token: await lab.joinToken(),
    name: 'bench-transfer',
    onStart: (start) => begin(start),
    onMessage: (channel, payload, wireBytes) => fetcher?.receive({ channel, payload, wireBytes } as Incoming),
  });
  fetcher = new Fetcher(cache, {
    requestBlob: (request) => agent.publish('up/blob.request', request),
    requestChunks: (request) => agent.publish('up/chunk.request', request),
    setTimer: (go, ms) => {
      const timer = setTimeout(go, ms);
      return () => clearTimeout(timer);
    },
    connected: () => true,
  });
  await agent.connect();
  const pushed = await lab.push('transfer', { model: incompressibleModel() });
  await lab.submit({
    model: pushed.id,
    recipes: ['fp32'],
    selector: { devices: ['bench-transfer'] },
    protocol: 'quick',
  });
  const start = await started;
  agent.append({ type: 'run.preparing', runId: start.runId, fence: start.fence });
  return { agent, fetcher, cache, start };
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'hilltop-bench-'));
  const lab = await startLab({ env: { HILLTOP_LOG: 'warn' } });
  const broker = new JsonProcess('bare broker', [join(root, 'bench/dist/bench/src/bare-broker.js')]);
  const { port } = await broker.event((e) => 'port' in e);
  const client = await mqtt.connectAsync(`ws://127.0.0.1:${Number(port)}`, { protocolVersion: 4 });
  await client.subscribeAsync('bare/down');
  const { agent, fetcher, cache, start } = await holdRun(lab, folder);
  const renewal = setInterval(() => agent.heartbeat(), 5000);
  try {
    const chunks = Math.ceil(start.artifact.bytes / chunkBytes);
    const rounds = options.quick ? roundsQuick : roundsWanted;
    const raw = { lab: [] as number[], bare: [] as number[] };
    await bareOnce(client, chunks);
    await fetchOnce(fetcher, cache, start.artifact);
    for (let round = 0; round < rounds; round++) {
      const ours = async (): Promise<unknown> => raw.lab.push(await fetchOnce(fetcher, cache, start.artifact));
      const bare = async (): Promise<unknown> => raw.bare.push(await bareOnce(client, chunks));
      for (const take of round % 2 === 0 ? [ours, bare] : [bare, ours]) await take();
      options.log(
        `round ${round + 1} of ${rounds}: lab ${raw.lab.at(-1)!.toFixed(1)} MB/s, bare ${raw.bare.at(-1)!.toFixed(1)} MB/s`,
      );
    }
    const ratio = bootstrapRatio(raw.lab.map((mbs, i) => mbs / raw.bare[i]!));
    const figures = [
      {
        what: 'artifact transfer / bare broker, geometric mean',
        ...ratio,
        unit: '',
        n: rounds,
        bound: { op: '>=', value: ratioWanted } as const,
      },
      { what: 'artifact transfer', value: geometricMean(raw.lab), unit: 'MB/s', n: rounds },
      { what: 'bare broker', value: geometricMean(raw.bare), unit: 'MB/s', n: rounds },
    ];
    return {
      outcome: outcomeOf(figures),
      figures,
      raw,
      notes: [
        `${megabytes} MB of random bytes, chunks of ${chunkBytes / 1024} KiB, ${chunkWindow} in flight, MQTT over WebSocket on both sides, by turns`,
        'lab: from the request to the blob verified (each chunk and whole), synced and adopted by the cache; bare: aedes publishes one buffer, the client throws it away',
      ],
    };
  } finally {
    clearInterval(renewal);
    await agent.close();
    await client.endAsync(true);
    await broker.stop();
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

export const transfer: Bench = {
  name: 'transfer',
  title: 'Artifact transfer against a bare broker, incompressible',
  run,
};
