import { createHash } from 'node:crypto';
import {
  type BlobManifest,
  type ChannelPayload,
  type Chunk,
  type ChunkRequest,
  chunkBytes,
  patchSegments,
} from '@hilltop/contracts';
import { Encoder } from '@toondepauw/node-zstd';
import type { Cache } from '../cache.js';
import type { FetchProgress } from '../fetch.js';
import { Fetcher } from '../fetcher.js';

type BlobRequest = ChannelPayload<'up/blob.request'>;

export const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** A patch as the lab makes it. */
export function patchOf(target: Uint8Array, base?: Uint8Array, level = 9): Buffer {
  return frames(
    patchSegments(target.length, base?.length).map(({ start, end, dictionary }) =>
      new Encoder(level, base && dictionary && Buffer.from(base.subarray(dictionary.start, dictionary.end))).encodeSync(
        Buffer.from(target.subarray(start, end)),
      ),
    ),
  );
}

/** Frames as they lie in a patch, each behind its length. */
export function frames(all: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    all.flatMap((frame) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(frame.length);
      return [length, frame];
    }),
  );
}

/** The lab's side of a fetcher, in this process: blobs by name, and a patch for whoever asks with bases. */
export class PatchLab {
  readonly blobs = new Map<string, Uint8Array>();
  /** Every request and every chunk asked for, `artifact 0` or `patch 0`. */
  readonly requests: BlobRequest[] = [];
  readonly asked: string[] = [];
  readonly warnings: string[] = [];
  readonly infos: string[] = [];
  readonly timers: Array<{ run: () => void; stopped: boolean }> = [];
  offer: BlobManifest['patch'];
  up = true;
  /** How much of the artifact the fetch says it has, bytes. */
  fetchedBytes = 0;
  /** Decides about a chunk that was asked for; false: it is lost. */
  onChunk: (what: string) => boolean = () => true;
  /** Decides about a request; false: it is lost. */
  onRequest: (request: BlobRequest) => boolean = () => true;
  readonly fetcher: Fetcher;

  constructor(
    readonly cache: Cache,
    readonly artifact: Uint8Array,
  ) {
    this.blobs.set(sha256(artifact), artifact);
    this.fetcher = this.newFetcher();
    this.fetcher.patches = true;
  }

  /** Another start of the agent. */
  newFetcher(): Fetcher {
    const fetcher: Fetcher = new Fetcher(this.cache, {
      requestBlob: (request) => queueMicrotask(() => this.manifest(fetcher, request)),
      requestChunks: (request) => queueMicrotask(() => this.chunks(fetcher, request)),
      setTimer: (run) => {
        const timer = { run, stopped: false };
        this.timers.push(timer);
        return () => {
          timer.stopped = true;
        };
      },
      connected: () => this.up,
      log: {
        info: (_facts: unknown, text?: string) => void this.infos.push(String(text)),
        warn: (facts: { reason?: string }, text?: string) => void this.warnings.push(`${text}; ${facts.reason ?? ''}`),
      },
    });
    return fetcher;
  }

  /** Has `patch` ready, as if it were made from `base`. */
  offers(patch: Uint8Array, base?: string): void {
    this.blobs.set(sha256(patch), patch);
    this.offer = { sha256: sha256(patch), bytes: patch.length, ...(base !== undefined && { base }) };
  }

  get(fetcher = this.fetcher, signal = new AbortController().signal) {
    const wanted = { sha256: sha256(this.artifact), bytes: this.artifact.length };
    const onProgress = ({ fetchedBytes }: FetchProgress): void => {
      this.fetchedBytes = fetchedBytes;
    };
    return fetcher.get(wanted, onProgress, signal);
  }

  /** Chunks of one of the two that were asked for. */
  askedOf(what: 'artifact' | 'patch'): number[] {
    return this.asked.filter((entry) => entry.startsWith(what)).map((entry) => Number(entry.split(' ')[1]));
  }

  /** Lets every running timer fire. */
  silence(): void {
    for (const timer of this.timers.filter((t) => !t.stopped)) {
      timer.stopped = true;
      timer.run();
    }
  }

  private manifest(fetcher: Fetcher, request: BlobRequest): void {
    this.requests.push(request);
    if (!this.onRequest(request) || !this.up) return;
    const data = this.blobs.get(request.sha256);
    const hashes: Buffer[] = [];
    for (let at = 0; at < (data?.length ?? 0); at += chunkBytes)
      hashes.push(
        createHash('sha256')
          .update(data!.subarray(at, at + chunkBytes))
          .digest(),
      );
    const payload: BlobManifest = {
      requestId: request.requestId,
      sha256: request.sha256,
      bytes: data?.length ?? 0,
      chunkBytes,
      chunks: new Uint8Array(Buffer.concat(hashes)),
      ...(request.bases && this.offer && { patch: this.offer }),
      ...(!data && { error: { code: 'blob.missing', message: 'gone' } }),
    };
    fetcher.receive({ channel: 'down/blob.manifest', payload, wireBytes: 100 });
  }

  private chunks(fetcher: Fetcher, { requestId, sha256: name, indices }: ChunkRequest): void {
    for (const index of indices) {
      const what = `${this.blobs.get(name) === this.artifact ? 'artifact' : 'patch'} ${index}`;
      this.asked.push(what);
      const data = this.blobs.get(name)?.subarray(index * chunkBytes, (index + 1) * chunkBytes);
      if (!this.onChunk(what) || !this.up || !data) continue;
      const payload: Chunk = { requestId, sha256: name, index, encoding: 'raw', data };
      fetcher.receive({ channel: 'down/chunk', payload, wireBytes: data.length + 100 });
    }
  }
}
