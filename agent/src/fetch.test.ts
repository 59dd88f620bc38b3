import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobManifest, type ChannelPayload, type Chunk, type ChunkRequest, chunkBytes } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Encoder } from '@toondepauw/node-zstd';
import { Cache } from './cache.js';
import { Fetcher } from './fetcher.js';

const sha = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
const blob = randomBytes(5 * chunkBytes + 17);
const wanted = { sha256: sha(blob), bytes: blob.length };

let folder: string;
let cache: Cache;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hilltop-fetch-'));
  cache = await Cache.open(folder, 1e9);
});
afterEach(() => rm(folder, { recursive: true }));

/** The other side of the wire, in this process: answers at once unless told otherwise. */
class Peer {
  readonly asked: number[] = [];
  inFlight = 0;
  mostInFlight = 0;
  timers: Array<{ run: () => void; stopped: boolean }> = [];
  up = true;
  alter: (chunk: Chunk) => Chunk | undefined = (chunk) => chunk;
  manifest: Partial<BlobManifest> = {};
  onAsk: () => void = () => undefined;
  readonly fetcher: Fetcher;

  constructor(
    private readonly data: Uint8Array,
    private readonly zstd = false,
  ) {
    this.fetcher = new Fetcher(cache, {
      requestBlob: (request) => this.later(() => this.giveManifest(request)),
      requestChunks: (request) => this.giveChunks(request),
      setTimer: (run) => {
        const timer = { run, stopped: false };
        this.timers.push(timer);
        return () => {
          timer.stopped = true;
        };
      },
      connected: () => this.up,
      log: { info: () => undefined, warn: () => undefined },
    });
  }

  private later(run: () => void): void {
    queueMicrotask(run);
  }

  private giveManifest(request: ChannelPayload<'up/blob.request'>): void {
    if (!this.up) return;
    const hashes: Buffer[] = [];
    for (let at = 0; at < this.data.length; at += chunkBytes)
      hashes.push(
        createHash('sha256')
          .update(this.data.subarray(at, at + chunkBytes))
          .digest(),
      );
    const payload = {
      ...request,
      bytes: this.data.length,
      chunkBytes,
      chunks: new Uint8Array(Buffer.concat(hashes)),
      ...this.manifest,
    };
    this.fetcher.receive({ channel: 'down/blob.manifest', payload, wireBytes: 100 });
  }

  private giveChunks(request: ChunkRequest): void {
    this.asked.push(...request.indices);
    this.inFlight += request.indices.length;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    this.onAsk();
    if (!this.up) return;
    for (const index of request.indices) {
      const raw = this.data.subarray(index * chunkBytes, (index + 1) * chunkBytes);
      const chunk: Chunk = {
        requestId: request.requestId,
        sha256: request.sha256,
        index,
        ...(this.zstd
          ? { encoding: 'zstd', data: new Encoder(3).encodeSync(Buffer.from(raw)) }
          : { encoding: 'raw', data: raw }),
      };
      this.later(() => {
        const given = this.alter(chunk);
        if (!given) return;
        this.inFlight--;
        this.fetcher.receive({ channel: 'down/chunk', payload: given, wireBytes: given.data.length + 100 });
      });
    }
  }

  /** Lets the newest running timer fire. */
  silence(): void {
    const timer = this.timers.filter((t) => !t.stopped).at(-1)!;
    timer.stopped = true;
    timer.run();
  }

  get(signal = new AbortController().signal) {
    return this.fetcher.get(wanted, () => undefined, signal);
  }
}

describe('Fetcher', () => {
  it('[FETCH-1] fetches in a window of four chunks, verified, and counts what went over the wire', async () => {
    const peer = new Peer(blob);
    const { path, transferBytes } = await peer.get();
    expect((await readFile(path)).equals(blob)).toBe(true);
    expect([peer.mostInFlight, peer.asked, transferBytes]).toEqual([4, [0, 1, 2, 3, 4, 5], blob.length + 700]);
  });

  it('[FETCH-1] undoes zstd', async () => {
    const { path } = await new Peer(blob, true).get();
    expect((await readFile(path)).equals(blob)).toBe(true);
  });

  it('[FETCH-7] takes a blob from the cache after holding it against its name again', async () => {
    const { path } = await new Peer(blob).get();
    const second = new Peer(blob);
    expect([(await second.get()).transferBytes, second.asked]).toEqual([0, []]);
    await writeFile(path, 'rotten');
    const third = new Peer(blob);
    await third.get();
    expect(third.asked).toHaveLength(6);
    expect((await readFile(path)).equals(blob)).toBe(true);
  });

  it('[FETCH-2] asks again for a damaged chunk, and gives up when it goes on', async () => {
    let damaged = 2;
    const peer = new Peer(blob);
    peer.alter = (chunk) =>
      chunk.index === 1 && damaged-- > 0 ? { ...chunk, data: randomBytes(chunk.data.length) } : chunk;
    await peer.get();
    expect(peer.asked.filter((i) => i === 1)).toHaveLength(3);
    await cache.drop(wanted.sha256);
    const bad = new Peer(blob);
    bad.alter = (chunk) => ({ ...chunk, data: randomBytes(chunk.data.length) });
    await expect(bad.get()).rejects.toMatchObject({ code: 'artifact.corrupt' });
  });

  it('[FETCH-2] refuses a blob whose whole is not what its name says', async () => {
    await expect(new Peer(randomBytes(blob.length)).get()).rejects.toMatchObject({ code: 'artifact.corrupt' });
    await expect(new Peer(blob.subarray(1)).get()).rejects.toMatchObject({ code: 'artifact.corrupt' });
    expect(await cache.get(wanted.sha256)).toBeUndefined();
  });

  it('[FETCH-3] goes on after a cut of the link with what is outstanding', async () => {
    const peer = new Peer(blob);
    const cut = new Promise<void>((resolve) => {
      peer.onAsk = () => {
        if (peer.asked.length < 6) return;
        peer.up = false;
        peer.onAsk = () => undefined;
        resolve();
      };
    });
    const got = peer.get();
    await cut;
    peer.silence();
    peer.up = true;
    peer.fetcher.resume();
    expect((await readFile((await got).path)).equals(blob)).toBe(true);
  });

  it('[FETCH-3] goes on after a restart from the verified part of the file', async () => {
    const partial = Buffer.from(blob.subarray(0, 3 * chunkBytes + 5));
    partial[chunkBytes + 9]! ^= 1;
    await writeFile(cache.partialPath(wanted.sha256), partial);
    const peer = new Peer(blob);
    expect((await readFile((await peer.get()).path)).equals(blob)).toBe(true);
    expect(peer.asked).toEqual([1, 3, 4, 5]);
  });

  it('[FETCH-6] asks again after silence and gives up after seven, but waits for ever while the link is down', async () => {
    const peer = new Peer(blob);
    peer.alter = () => undefined;
    const asked = new Promise<void>((resolve) => {
      peer.onAsk = resolve;
    });
    const got = peer.get();
    got.catch(() => undefined);
    await asked;
    peer.up = false;
    for (let i = 0; i < 20; i++) peer.silence();
    peer.up = true;
    for (let i = 0; i < 7; i++) peer.silence();
    await expect(got).rejects.toMatchObject({ code: 'blob.missing' });
  });

  it('[FETCH-6] says why the lab does not hand it out', async () => {
    const peer = new Peer(blob);
    peer.manifest = { error: { code: 'blob.missing', message: 'gone' } };
    await expect(peer.get()).rejects.toMatchObject({ code: 'blob.missing' });
  });

  it('stops at once on an abort, with its reason', async () => {
    const peer = new Peer(blob);
    peer.alter = () => undefined;
    const abort = new AbortController();
    const got = peer.get(abort.signal);
    abort.abort(new Error('enough'));
    await expect(got).rejects.toThrow('enough');
  });
});
