import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Cache } from './cache.js';
import { BlobFetch, type FetchPorts, type FetchProgress } from './fetch.js';
import type { Incoming } from './link.js';

export interface Fetched {
  readonly path: string;
  /** What went over the wire for it now; 0 from the cache. */
  readonly transferBytes: number;
}

/** Blobs for runs: from the cache, verified again, or over the link. */
export class Fetcher {
  private readonly active = new Map<string, BlobFetch>();

  constructor(
    private readonly cache: Cache,
    private readonly ports: FetchPorts,
  ) {}

  /**
   * Path of a blob whose bytes were just held against its name. An abort stops asking and rejects with the
   * abort's reason; what has come stays for the next time.
   */
  async get(
    blob: { sha256: string; bytes: number },
    onProgress: (progress: FetchProgress) => void,
    signal: AbortSignal,
  ): Promise<Fetched> {
    signal.throwIfAborted();
    const cached = await this.cache.get(blob.sha256);
    if (cached !== undefined) {
      if ((await fileSha256(cached)) === blob.sha256) return { path: cached, transferBytes: 0 };
      await this.cache.drop(blob.sha256);
    }
    const fetching =
      this.active.get(blob.sha256) ?? new BlobFetch(blob.sha256, blob.bytes, this.cache, this.ports, onProgress);
    this.active.set(blob.sha256, fetching);
    const stop = (): void => fetching.stop(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    // It may have come while the cache was looked into.
    if (signal.aborted) stop();
    try {
      const path = await fetching.done;
      return { path, transferBytes: fetching.transferBytes };
    } finally {
      signal.removeEventListener('abort', stop);
      this.active.delete(blob.sha256);
    }
  }

  receive(message: Incoming): void {
    if (message.channel === 'down/blob.manifest')
      this.active.get(message.payload.sha256)?.takeManifest(message.payload, message.wireBytes);
    if (message.channel === 'down/chunk')
      this.active.get(message.payload.sha256)?.takeChunk(message.payload, message.wireBytes);
  }

  /** The link is back: what was asked before may have been lost. */
  resume(): void {
    for (const fetching of this.active.values()) fetching.resume();
  }
}

export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
