import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import {
  type BlobManifest,
  type ChannelPayload,
  type Chunk,
  type ChunkRequest,
  chunkBytes,
  chunkWindow,
  errorText,
  isLabError,
  LabError,
  type PatchOffer,
} from '@hilltop/contracts';
import type { Logger } from 'pino';
import type { Cache } from './cache.js';
import { inflate } from './zstd.js';

export interface FetchPorts {
  /** Both are dropped silently while the link is down: `resume` repeats what matters. */
  readonly requestBlob: (request: ChannelPayload<'up/blob.request'>) => void;
  readonly requestChunks: (request: ChunkRequest) => void;
  readonly setTimer: (run: () => void, ms: number) => () => void;
  /** The link's state: while it is down nothing times out. */
  readonly connected: () => boolean;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** What is told while a patch is fetched. */
export interface PatchHooks {
  /** What went over the wire for it, also where it failed. */
  readonly onBytes: (bytes: number) => void;
  /** How much of the patch is here, 0 to 1. */
  readonly onFraction: (fraction: number) => void;
}

/** Makes an artifact from a patch. */
export interface PatchPort {
  /** What a patch may refer to, newest first. */
  readonly bases: readonly string[];
  /** Fetches the patch and writes the partial file from it; good or bad, the chunks will tell. */
  readonly apply: (
    offer: PatchOffer,
    wanted: { readonly sha256: string; readonly bytes: number },
    hooks: PatchHooks,
    signal: AbortSignal,
  ) => Promise<void>;
}

export interface FetchProgress {
  /** Bytes of the blob that are here and verified. */
  readonly fetchedBytes: number;
  readonly totalBytes: number;
}

export interface FetchOptions {
  readonly sha256: string;
  readonly bytes: number;
  readonly onProgress: (progress: FetchProgress) => void;
  /** Asked before each request: undefined while the lab does not understand patches. */
  readonly patches?: () => PatchPort | undefined;
  /**
   * Used once: it stays where it grows, for the caller to remove. The lab has it in memory only, so after a cut it is
   * asked whether it still does.
   */
  readonly fleeting?: boolean;
}

/** Silence after which the outstanding part is asked for again. */
const answerTimeoutMs = 10_000;
const longestSilences = 6;
/** The whole is read back for its hash in pieces of this size. */
const readBytes = 4 * chunkBytes;
const badChunksAllowed = 3;

/**
 * One blob on its way: asks for the manifest, keeps a window of chunks in flight, verifies each chunk before it
 * is written and the whole before it is adopted. A partial file of an earlier attempt is verified and gone on with.
 */
export class BlobFetch {
  /** What really came over the wire, manifest and envelopes included. */
  transferBytes = 0;
  readonly done: Promise<string>;
  private readonly requestId = randomUUID();
  private readonly settle: { resolve: (path: string) => void; reject: (error: unknown) => void };
  private manifest: BlobManifest | undefined;
  private file: FileHandle | undefined;
  private missing: number[] = [];
  private readonly inFlight = new Set<number>();
  private verifiedBytes = 0;
  private silences = 0;
  private badChunks = 0;
  private ended = false;
  /** What the last request said about patches. */
  private patches: PatchPort | undefined;
  /** Set while a patch is fetched and applied: nothing is asked for meanwhile. */
  private patching: AbortController | undefined;
  private stopTimer: () => void = () => undefined;
  private turn: Promise<void> = Promise.resolve();

  private readonly sha256: string;
  private readonly bytes: number;

  constructor(
    private readonly options: FetchOptions,
    private readonly cache: Cache,
    private readonly ports: FetchPorts,
  ) {
    this.sha256 = options.sha256;
    this.bytes = options.bytes;
    let settle: BlobFetch['settle'] | undefined;
    this.done = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.settle = settle!;
    // Who waits is told; a fetch nobody waits for any more must not end the process.
    this.done.catch(() => undefined);
    this.resume();
  }

  /** Asks (again) for what is outstanding: at the start, after silence, and when the link is back. */
  resume(): void {
    if (this.ended || this.patching) return;
    if (!this.manifest || this.options.fleeting) this.askForManifest();
    if (this.manifest) this.ask([...this.inFlight]);
    this.watch();
  }

  takeManifest(manifest: BlobManifest, wireBytes: number): void {
    if (manifest.requestId !== this.requestId || this.ended) return;
    this.transferBytes += wireBytes;
    this.inTurn(async () => {
      if (this.manifest && !this.options.fleeting) return;
      if (manifest.error)
        throw new LabError('blob.missing', `the lab does not hand out ${this.sha256}: ${manifest.error.message}`);
      if (this.manifest) return;
      const count = Math.ceil(manifest.bytes / chunkBytes);
      if (
        manifest.sha256 !== this.sha256 ||
        manifest.bytes !== this.bytes ||
        manifest.chunkBytes !== chunkBytes ||
        manifest.chunks.length !== count * 32
      ) {
        throw new LabError('artifact.corrupt', `the lab's list of chunks does not fit blob ${this.sha256}`);
      }
      this.manifest = manifest;
      this.file = await open(
        this.cache.partialPath(this.sha256),
        (await exists(this.cache.partialPath(this.sha256))) ? 'r+' : 'w+',
      );
      await this.look(count);
      if (manifest.patch && (await this.patched(manifest.patch))) await this.look(count);
      if (this.ended) return;
      this.report();
      this.askMore();
      if (this.inFlight.size === 0) await this.finish();
    });
  }

  takeChunk(chunk: Chunk, wireBytes: number): void {
    if (chunk.requestId !== this.requestId || this.ended) return;
    this.transferBytes += wireBytes;
    this.inTurn(async () => {
      if (!this.inFlight.has(chunk.index)) return;
      const data = this.verified(chunk);
      this.silences = 0;
      if (!data) return this.ask([chunk.index]);
      this.inFlight.delete(chunk.index);
      // Asked for before the writing, so that the line is not idle meanwhile.
      this.askMore();
      await this.file!.write(data, 0, data.length, chunk.index * chunkBytes);
      this.verifiedBytes += data.length;
      this.report();
      if (this.inFlight.size === 0) await this.finish();
    });
  }

  /** Gives up; what is here stays for the next attempt. */
  stop(reason: unknown): void {
    if (this.ended) return;
    this.ended = true;
    this.stopTimer();
    this.patching?.abort(reason);
    this.turn = this.turn.then(() => this.file?.close());
    this.turn.catch(() => undefined).finally(() => this.settle.reject(reason));
  }

  private inTurn(work: () => Promise<void> | void): void {
    this.turn = this.turn.then(() => (this.ended ? undefined : work())).catch((error) => this.stop(error));
  }

  private askMore(): void {
    const indices: number[] = [];
    while (this.missing.length > 0 && this.inFlight.size < chunkWindow) {
      const index = this.missing.pop()!;
      this.inFlight.add(index);
      indices.push(index);
    }
    this.ask(indices);
    this.watch();
  }

  private askForManifest(): void {
    this.patches = this.options.patches?.();
    this.ports.requestBlob({
      requestId: this.requestId,
      sha256: this.sha256,
      ...(this.patches && { bases: [...this.patches.bases] }),
    });
  }

  /** Holds what is in the partial file against the manifest. */
  private async look(count: number): Promise<void> {
    const { size } = await this.file!.stat();
    this.verifiedBytes = 0;
    this.missing = [];
    for (let index = count - 1; index >= 0; index--) {
      // A new file is not read: nothing of the blob is there.
      if (index * chunkBytes < size && (await this.isHere(index))) this.verifiedBytes += this.lengthOf(index);
      else this.missing.push(index);
    }
  }

  /**
   * Tries the patch; true when something was written, good or bad: the chunks tell. A patch that cannot be used costs
   * what it weighs and nothing else.
   */
  private async patched(offer: PatchOffer): Promise<boolean> {
    const { patches } = this;
    const left = this.bytes - this.verifiedBytes;
    const facts = { sha256: this.sha256, patch: offer.sha256, patchBytes: offer.bytes, base: offer.base };
    // What is here of an earlier attempt may have made it useless.
    if (left === 0 || (offer.bytes >= left && offer.bytes < this.bytes)) return false;
    const foreign = offer.base !== undefined && !patches?.bases.includes(offer.base);
    if (!patches || foreign || offer.bytes >= this.bytes || offer.sha256 === this.sha256) {
      this.ports.log.warn(facts, 'a patch that was not asked for, or saves nothing, is not used');
      return false;
    }
    this.stopTimer();
    this.patching = new AbortController();
    const onFraction = (fraction: number): void =>
      this.options.onProgress({ fetchedBytes: Math.floor(fraction * this.bytes), totalBytes: this.bytes });
    const onBytes = (wireBytes: number): void => {
      this.transferBytes += wireBytes;
    };
    try {
      await patches.apply(
        offer,
        { sha256: this.sha256, bytes: this.bytes },
        { onBytes, onFraction },
        this.patching.signal,
      );
      this.ports.log.info(facts, 'fetched as a patch');
    } catch (error) {
      if (!this.ended)
        this.ports.log.warn({ ...facts, reason: errorText(error) }, 'the patch could not be used: fetching the whole');
    } finally {
      this.patching = undefined;
    }
    return true;
  }

  private async finish(): Promise<void> {
    const hash = createHash('sha256');
    const buffer = new Uint8Array(readBytes);
    for (let at = 0; at < this.bytes; ) {
      const { bytesRead } = await this.file!.read(buffer, 0, Math.min(readBytes, this.bytes - at), at);
      if (bytesRead === 0) break;
      at += bytesRead;
      hash.update(buffer.subarray(0, bytesRead));
    }
    await this.file!.truncate(this.bytes);
    if (hash.digest('hex') !== this.sha256)
      throw new LabError('artifact.corrupt', `blob ${this.sha256} came whole but has another hash`);
    // What is used once and thrown away need not outlast a power cut.
    if (!this.options.fleeting) await this.file!.sync();
    await this.file!.close();
    this.file = undefined;
    const path = this.options.fleeting
      ? this.cache.partialPath(this.sha256)
      : await this.cache.adopt(this.sha256, this.bytes);
    this.ended = true;
    this.stopTimer();
    this.settle.resolve(path);
  }

  private ask(indices: readonly number[]): void {
    if (indices.length > 0)
      this.ports.requestChunks({
        requestId: this.requestId,
        sha256: this.sha256,
        indices: [...indices],
        accept: ['zstd', 'raw'],
      });
  }

  private watch(): void {
    this.stopTimer();
    this.stopTimer = this.ports.setTimer(() => {
      if (this.ports.connected() && ++this.silences > longestSilences) {
        this.stop(new LabError('blob.missing', `the lab stopped sending ${this.sha256}`));
      } else {
        this.resume();
      }
    }, answerTimeoutMs);
  }

  private report(): void {
    this.options.onProgress({ fetchedBytes: this.verifiedBytes, totalBytes: this.bytes });
  }

  private lengthOf(index: number): number {
    return Math.min(chunkBytes, this.bytes - index * chunkBytes);
  }

  private matches(index: number, data: Uint8Array): boolean {
    return createHash('sha256')
      .update(data)
      .digest()
      .equals(this.manifest!.chunks.subarray(index * 32, index * 32 + 32));
  }

  private async isHere(index: number): Promise<boolean> {
    const buffer = new Uint8Array(this.lengthOf(index));
    const { bytesRead } = await this.file!.read(buffer, 0, buffer.length, index * chunkBytes);
    return bytesRead === buffer.length && this.matches(index, buffer);
  }

  /** The chunk's bytes; undefined when it is damaged and may be asked for again. Throws when it was too often. */
  private verified(chunk: Chunk): Uint8Array | undefined {
    const length = this.lengthOf(chunk.index);
    try {
      const data = chunk.encoding === 'zstd' ? inflate(chunk.data, length) : chunk.data;
      if (data.length === length && this.matches(chunk.index, data)) return data;
    } catch (error) {
      if (!isLabError(error, 'artifact.corrupt')) throw error;
    }
    if (++this.badChunks > badChunksAllowed)
      throw new LabError('artifact.corrupt', `blob ${this.sha256} arrives damaged again and again`);
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return open(path, 'r').then(
    (file) => file.close().then(() => true),
    () => false,
  );
}
