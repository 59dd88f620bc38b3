import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { LabError, type PatchOffer, patchBases } from '@hilltop/contracts';
import { applyPatch } from './apply-patch.js';
import type { Cache } from './cache.js';
import { BlobFetch, type FetchPorts, type FetchProgress, type PatchHooks, type PatchPort } from './fetch.js';
import type { Incoming } from './link.js';

export interface Fetched {
  readonly path: string;
  /** What went over the wire for it now; 0 from the cache. */
  readonly transferBytes: number;
}

/** Blobs for runs: from the cache, verified again, or over the link. */
export class Fetcher {
  /** Whether the lab has said that it understands patches; one that has not would not even read a request with bases. */
  patches = false;
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
      this.active.get(blob.sha256) ??
      new BlobFetch(
        {
          sha256: blob.sha256,
          bytes: blob.bytes,
          onProgress,
          patches: () => (this.patches ? this.patchPort(blob.sha256) : undefined),
        },
        this.cache,
        this.ports,
      );
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

  private patchPort(wanted: string): PatchPort {
    return {
      bases: this.cache.newest(patchBases).filter((sha256) => sha256 !== wanted),
      apply: async (offer, { sha256, bytes }, hooks, signal) => {
        // What it refers to stays while the patch is on its way.
        const unpin = offer.base === undefined ? () => undefined : this.cache.pin(offer.base);
        try {
          const base = offer.base === undefined ? undefined : await this.sound(offer.base);
          const patch = await this.fetchPatch(offer, hooks, signal);
          try {
            const target = this.cache.partialPath(sha256);
            await applyPatch({ patch, target, bytes, ...(base !== undefined && { base }) }, signal);
          } finally {
            // Used up, or useless.
            await rm(patch, { force: true });
          }
        } finally {
          unpin();
        }
      },
    };
  }

  private async fetchPatch(offer: PatchOffer, hooks: PatchHooks, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    if (this.active.has(offer.sha256))
      throw new LabError('artifact.corrupt', `the patch ${offer.sha256} bears the name of another blob`);
    const onProgress = ({ fetchedBytes, totalBytes }: FetchProgress): void =>
      hooks.onFraction(fetchedBytes / totalBytes);
    const { sha256, bytes } = offer;
    const fetching = new BlobFetch({ sha256, bytes, onProgress, fleeting: true }, this.cache, this.ports);
    this.active.set(sha256, fetching);
    const stop = (): void => fetching.stop(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      return await fetching.done;
    } catch (error) {
      // Who is stopped will go on with it; what was given up is not asked for again.
      if (!signal.aborted) await rm(this.cache.partialPath(sha256), { force: true });
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      this.active.delete(sha256);
      hooks.onBytes(fetching.transferBytes);
    }
  }

  /** Path of a blob in the cache that is what its name says. Throws `artifact.corrupt`. */
  private async sound(sha256: string): Promise<string> {
    const path = await this.cache.get(sha256);
    if (path !== undefined && (await fileSha256(path)) === sha256) return path;
    await this.cache.drop(sha256);
    throw new LabError('artifact.corrupt', `the base ${sha256} is not in the cache any more, or damaged`);
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
