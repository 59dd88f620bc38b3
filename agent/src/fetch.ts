import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import {
  type BlobManifest,
  type ChannelPayload,
  type Chunk,
  type ChunkRequest,
  chunkBytes,
  chunkWindow,
  isLabError,
  LabError,
} from '@hilltop/contracts';
import type { Cache } from './cache.js';
import { inflate } from './zstd.js';

export interface FetchPorts {
  /** Both are dropped silently while the link is down: `resume` repeats what matters. */
  readonly requestBlob: (request: ChannelPayload<'up/blob.request'>) => void;
  readonly requestChunks: (request: ChunkRequest) => void;
  readonly setTimer: (run: () => void, ms: number) => () => void;
  /** The link's state: while it is down nothing times out. */
  readonly connected: () => boolean;
}

export interface FetchProgress {
  /** Bytes of the blob that are here and verified. */
  readonly fetchedBytes: number;
  readonly totalBytes: number;
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
  private stopTimer: () => void = () => undefined;
  private turn: Promise<void> = Promise.resolve();

  constructor(
    readonly sha256: string,
    private readonly bytes: number,
    private readonly cache: Cache,
    private readonly ports: FetchPorts,
    private readonly onProgress: (progress: FetchProgress) => void,
  ) {
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
    if (this.ended) return;
    if (this.manifest) this.ask([...this.inFlight]);
    else this.ports.requestBlob({ requestId: this.requestId, sha256: this.sha256 });
    this.watch();
  }

  takeManifest(manifest: BlobManifest, wireBytes: number): void {
    if (manifest.requestId !== this.requestId || this.manifest || this.ended) return;
    this.transferBytes += wireBytes;
    this.inTurn(async () => {
      if (this.manifest) return;
      if (manifest.error)
        throw new LabError('blob.missing', `the lab does not hand out ${this.sha256}: ${manifest.error.message}`);
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
      const { size } = await this.file.stat();
      for (let index = 0; index < count; index++) {
        // A new file is not read: nothing of the blob is there.
        if (index * chunkBytes < size && (await this.isHere(index))) this.verifiedBytes += this.lengthOf(index);
        else this.missing.push(index);
      }
      this.missing.reverse();
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
    await this.file!.sync();
    await this.file!.close();
    this.file = undefined;
    const path = await this.cache.adopt(this.sha256, this.bytes);
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
    this.onProgress({ fetchedBytes: this.verifiedBytes, totalBytes: this.bytes });
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
