import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from './absent.js';
import { syncDirectory } from './write-atomic.js';

/** A part that nobody has gone on with for so long is not gone on with: its run is over, or its patch was replaced. */
const forgottenMs = 7 * 24 * 3600 * 1000;

/**
 * Verified blobs by SHA-256, least recently used first out. What a held run needs is pinned and stays, even
 * over the limit.
 */
export class Cache {
  private readonly pins = new Map<string, number>();
  private readonly entries = new Map<string, number>();

  private constructor(
    private readonly folder: string,
    private readonly limitBytes: number,
    private readonly now: () => number,
  ) {}

  static async open(folder: string, limitBytes: number, now: () => number = Date.now): Promise<Cache> {
    const cache = new Cache(folder, limitBytes, now);
    await mkdir(cache.partialFolder, { recursive: true });
    const found: Array<{ name: string; bytes: number; usedMs: number }> = [];
    for (const name of await readdir(folder)) {
      if (!/^[0-9a-f]{64}$/.test(name)) continue;
      const { size, mtimeMs } = await stat(join(folder, name));
      found.push({ name, bytes: size, usedMs: mtimeMs });
    }
    for (const name of await readdir(cache.partialFolder)) {
      const path = join(cache.partialFolder, name);
      if ((await stat(path)).mtimeMs < now() - forgottenMs) await rm(path, { force: true });
    }
    for (const { name, bytes } of found.sort((a, b) => a.usedMs - b.usedMs)) cache.entries.set(name, bytes);
    return cache;
  }

  private get partialFolder(): string {
    return join(this.folder, 'partial');
  }

  get count(): number {
    return this.entries.size;
  }
  get bytes(): number {
    return [...this.entries.values()].reduce((sum, n) => sum + n, 0);
  }

  /** Where an unfinished blob grows. */
  partialPath(sha256: string): string {
    return join(this.partialFolder, sha256);
  }

  path(sha256: string): string {
    return join(this.folder, sha256);
  }

  /** Names of the blobs used last, newest first, at most so many. */
  newest(count: number): string[] {
    return [...this.entries.keys()].reverse().slice(0, count);
  }

  /** Path of a blob that is here; marks it as just used. */
  async get(sha256: string): Promise<string | undefined> {
    const bytes = this.entries.get(sha256);
    if (bytes === undefined) return undefined;
    this.entries.delete(sha256);
    this.entries.set(sha256, bytes);
    const seconds = this.now() / 1000;
    const path = this.path(sha256);
    const there = await utimes(path, seconds, seconds).then(() => true, absent);
    if (there) return path;
    // Somebody has tidied up.
    this.entries.delete(sha256);
    return undefined;
  }

  /** Takes over a verified partial file, synced by its writer, and makes room for it. */
  async adopt(sha256: string, bytes: number): Promise<string> {
    await rename(this.partialPath(sha256), this.path(sha256));
    await syncDirectory(this.folder);
    this.entries.set(sha256, bytes);
    await this.shrink(sha256);
    return this.path(sha256);
  }

  /** Forgets a blob whose bytes turned out to be damaged. */
  async drop(sha256: string): Promise<void> {
    this.entries.delete(sha256);
    await rm(this.path(sha256), { force: true });
  }

  /** Keeps a blob until the returned function is called. */
  pin(sha256: string): () => void {
    this.pins.set(sha256, (this.pins.get(sha256) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = this.pins.get(sha256)! - 1;
      if (left > 0) this.pins.set(sha256, left);
      else this.pins.delete(sha256);
    };
  }

  private async shrink(newest: string): Promise<void> {
    for (const sha256 of [...this.entries.keys()]) {
      if (this.bytes <= this.limitBytes) return;
      if (sha256 !== newest && !this.pins.has(sha256)) await this.drop(sha256);
    }
  }
}
