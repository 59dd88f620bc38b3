import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, type ReadStream, readdirSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { LabError, Sha256 } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { newId } from '../ids.js';

export interface Blob {
  readonly sha256: string;
  readonly bytes: number;
}
export interface PutOptions {
  /** What the content must hash to; `upload.hash-mismatch` otherwise. */
  readonly sha256?: string;
  /** `upload.too-large` beyond this. */
  readonly maxBytes: number;
}

/**
 * Immutable files named by their SHA-256, `blobs/ab/abcdef…`. A blob is there entirely or not at all, also after a
 * power cut: written aside, hashed on the way, synced, renamed, and the folder synced.
 */
@Injectable()
export class BlobStore {
  readonly #blobs: string;
  readonly #temporary: string;

  /** `dataDir`: where the lab keeps everything. Leftovers of an earlier process are removed. */
  constructor(dataDir: string) {
    this.#blobs = join(dataDir, 'blobs');
    this.#temporary = join(this.#blobs, 'tmp');
    mkdirSync(this.#temporary, { recursive: true });
    for (const name of readdirSync(this.#temporary)) rmSync(join(this.#temporary, name), { force: true });
  }

  /** Stores `source`. Throws `upload.hash-mismatch`, `upload.too-large`, or what the source throws. */
  async put(source: Readable | Uint8Array, options: PutOptions): Promise<Blob> {
    const file = this.scratch();
    const handle = await open(file, 'wx', 0o600);
    try {
      const blob = await fill(handle, source instanceof Uint8Array ? [source] : source, options);
      await handle.sync();
      await handle.close();
      await this.#settle(file, blob.sha256);
      return blob;
    } finally {
      await handle.close();
      await rm(file, { force: true });
    }
  }

  /** Takes over a finished file on the same disk; it is hashed first. Throws `upload.hash-mismatch` and leaves it. */
  async adopt(file: string, sha256: string): Promise<Blob> {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    requireHash(hash.digest('hex'), sha256);
    const handle = await open(file, 'r+');
    await handle.sync().finally(() => handle.close());
    await this.#settle(file, sha256);
    return { sha256, bytes };
  }

  /** A new path on the same disk, for a file that is to be adopted; who makes it removes it. */
  scratch(): string {
    return join(this.#temporary, newId('tmp'));
  }

  /** Where the blob is, or would be. */
  path(sha256: string): string {
    const name = Sha256.parse(sha256);
    return join(this.#blobs, name.slice(0, 2), name);
  }

  has(sha256: string): boolean {
    return existsSync(this.path(sha256));
  }

  /** Counts as stored again; false when it is not there. */
  async renew(sha256: string): Promise<boolean> {
    if (!this.has(sha256)) return false;
    const now = new Date();
    return utimes(this.path(sha256), now, now).then(
      () => true,
      () => false,
    );
  }

  /** Length in bytes. Throws `blob.missing`. */
  bytes(sha256: string): number {
    const stat = statSync(this.path(sha256), { throwIfNoEntry: false });
    if (!stat) throw missing(sha256);
    return stat.size;
  }

  /** Bytes `start` to `end`, both included, as a stream. Throws `blob.missing`. */
  open(sha256: string, range: { start?: number; end?: number } = {}): ReadStream {
    if (!this.has(sha256)) throw missing(sha256);
    return createReadStream(this.path(sha256), range);
  }

  /** The whole blob in memory. Throws `blob.missing`. */
  async read(sha256: string): Promise<Buffer> {
    if (!this.has(sha256)) throw missing(sha256);
    return readFile(this.path(sha256));
  }

  /** Bytes `start` to `end`, the latter excluded, in one piece. Throws `blob.missing`. */
  async slice(sha256: string, start: number, end: number): Promise<Buffer> {
    if (!this.has(sha256)) throw missing(sha256);
    const handle = await open(this.path(sha256), 'r');
    try {
      const bytes = Buffer.allocUnsafe(end - start);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  /** Removes it; nothing happens when it is not there. */
  async remove(sha256: string): Promise<void> {
    await rm(this.path(sha256), { force: true });
  }

  /** Blobs that were stored, or stored again, before `beforeMs` (ms since 1970). */
  async *olderThan(beforeMs: number): AsyncIterable<string> {
    for (const folder of await readdir(this.#blobs)) {
      if (!/^[0-9a-f]{2}$/.test(folder)) continue;
      for (const name of await readdir(join(this.#blobs, folder))) {
        const { mtimeMs } = await stat(join(this.#blobs, folder, name)).catch(() => ({
          mtimeMs: Number.POSITIVE_INFINITY,
        }));
        if (mtimeMs < beforeMs) yield name;
      }
    }
  }

  async #settle(file: string, sha256: string): Promise<void> {
    const target = this.path(sha256);
    mkdirSync(dirname(target), { recursive: true });
    await rename(file, target);
    await syncFolder(dirname(target));
    await syncFolder(this.#blobs);
  }
}

async function fill(
  handle: FileHandle,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: PutOptions,
): Promise<Blob> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > options.maxBytes) {
      throw new LabError(
        'upload.too-large',
        `more than ${options.maxBytes} bytes; raise the limit of the lab or send less`,
        {
          limit: options.maxBytes,
        },
      );
    }
    hash.update(chunk);
    await handle.writeFile(chunk); // all of it: `write` may take a part while the disk fills up
  }
  const sha256 = hash.digest('hex');
  if (options.sha256 !== undefined) requireHash(sha256, options.sha256);
  return { sha256, bytes };
}

function requireHash(actual: string, expected: string): void {
  if (actual !== expected) {
    throw new LabError('upload.hash-mismatch', 'the bytes that arrived are not the announced ones; send them again', {
      expected,
      actual,
    });
  }
}

/** A rename is only safe once the folder that names the file is on disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

function missing(sha256: string): LabError {
  return new LabError('blob.missing', 'the lab does not have this blob; upload it again', { sha256 });
}
