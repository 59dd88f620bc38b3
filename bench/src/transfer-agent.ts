/**
 * The real receiving path, a process of its own as an agent is: the agent's fetcher and cache on a simulated agent
 * that holds a real run.
 */
import { join } from 'node:path';
import { Cache, Fetcher, type Incoming } from '@hilltop/agent';
import type { RunStart } from '@hilltop/contracts';
import { answering } from './helper-process.js';
import { SimAgent } from './sim-agent.js';

export type AgentQuestion =
  | {
      readonly connect: {
        readonly url: string;
        readonly token: string;
        readonly name: string;
        readonly folder: string;
      };
    }
  | { readonly what: 'hold' | 'fetch' };

let begin: (start: RunStart) => void = () => undefined;
const started = new Promise<RunStart>((resolve) => {
  begin = resolve;
});
let held: { readonly fetcher: Fetcher; readonly cache: Cache; readonly agent: SimAgent } | undefined;

async function connect(to: { url: string; token: string; name: string; folder: string }): Promise<void> {
  const cache = await Cache.open(join(to.folder, 'cache'), 1e9);
  const agent = await SimAgent.join({
    url: to.url,
    token: to.token,
    name: to.name,
    onStart: (start) => begin(start),
    onMessage: (channel, payload, wireBytes) => fetcher.receive({ channel, payload, wireBytes } as Incoming),
  });
  const fetcher = new Fetcher(cache, {
    requestBlob: (request) => agent.publish('up/blob.request', request),
    requestChunks: (request) => agent.publish('up/chunk.request', request),
    setTimer: (go, ms) => {
      const timer = setTimeout(go, ms);
      return () => clearTimeout(timer);
    },
    connected: () => true,
    log: { info: () => undefined, warn: () => undefined },
  });
  await agent.connect();
  setInterval(() => agent.heartbeat(), 5000);
  held = { fetcher, cache, agent };
}

/** Seconds from the request to the blob verified, chunk by chunk and whole, synced and adopted by an empty cache. */
async function fetchOnce(): Promise<number> {
  const { artifact } = await started;
  await held!.cache.drop(artifact.sha256);
  const start = performance.now();
  const { transferBytes } = await held!.fetcher.get(artifact, () => undefined, new AbortController().signal);
  const seconds = (performance.now() - start) / 1000;
  if (transferBytes < artifact.bytes)
    throw new Error(`only ${transferBytes} of ${artifact.bytes} bytes went over the wire: not incompressible`);
  return seconds;
}

answering<AgentQuestion, number | undefined>(async (question) => {
  if ('connect' in question) {
    await connect(question.connect);
    return undefined;
  }
  if (question.what === 'fetch') return fetchOnce();
  const { runId, fence, artifact } = await started;
  held!.agent.append({ type: 'run.preparing', runId, fence });
  return artifact.bytes;
});
