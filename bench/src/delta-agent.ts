/** The agent's real receiving path on a simulated agent, whose runs all end at once: only what it may fetch matters. */
import { join } from 'node:path';
import { Cache, Fetcher, type Incoming } from '@hilltop/agent';
import { answering } from './helper-process.js';
import { SimAgent } from './sim-agent.js';

export interface BlobName {
  readonly sha256: string;
  readonly bytes: number;
}
export type DeltaQuestion =
  | {
      readonly connect: {
        readonly url: string;
        readonly token: string;
        readonly name: string;
        readonly folder: string;
      };
    }
  /** `base` is all the cache has, if anything; the target is fetched `as` chunks only, or with patches. */
  | { readonly target: BlobName; readonly base?: BlobName; readonly as: 'plain' | 'patch' };

export interface DeltaAnswer {
  readonly seconds: number;
  readonly transferBytes: number;
}

let held: { readonly fetcher: Fetcher; readonly cache: Cache } | undefined;

async function connect(to: { url: string; token: string; name: string; folder: string }): Promise<void> {
  const cache = await Cache.open(join(to.folder, 'cache'), 1e9);
  const agent = await SimAgent.join({
    url: to.url,
    token: to.token,
    name: to.name,
    onStart: ({ runId, fence }) => {
      const error = { code: 'run.failed', message: 'nothing is executed here', cause: 'user' } as const;
      agent.append({ type: 'run.preparing', runId, fence });
      agent.append({ type: 'run.ended', runId, fence, outcome: 'failed', error, batches: 0, transferBytes: 0 });
      agent.release(runId);
    },
    onMessage: (channel, payload, wireBytes) => fetcher.receive({ channel, payload, wireBytes } as Incoming),
  });
  const tell = (facts: unknown, text?: string): void =>
    void process.stderr.write(`${text}: ${JSON.stringify(facts)}\n`);
  const fetcher = new Fetcher(cache, {
    requestBlob: (request) => agent.publish('up/blob.request', request),
    requestChunks: (request) => agent.publish('up/chunk.request', request),
    setTimer: (go, ms) => {
      const timer = setTimeout(go, ms);
      return () => clearTimeout(timer);
    },
    connected: () => true,
    log: { info: () => undefined, warn: tell },
  });
  await agent.connect();
  setInterval(() => agent.heartbeat(), 5000);
  held = { fetcher, cache };
}

async function fetched(blob: BlobName): Promise<number> {
  return (await held!.fetcher.get(blob, () => undefined, new AbortController().signal)).transferBytes;
}

answering<DeltaQuestion, DeltaAnswer | undefined>(async (question) => {
  if ('connect' in question) {
    await connect(question.connect);
    return undefined;
  }
  const { fetcher, cache } = held!;
  for (const sha256 of cache.newest(Number.POSITIVE_INFINITY))
    if (sha256 !== question.base?.sha256) await cache.drop(sha256);
  fetcher.patches = false;
  if (question.base) await fetched(question.base);
  fetcher.patches = question.as === 'patch';
  const start = performance.now();
  const transferBytes = await fetched(question.target);
  return { seconds: (performance.now() - start) / 1000, transferBytes };
});
