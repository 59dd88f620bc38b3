import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { open, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '@hilltop/contracts';

/** Where uploads wait until they are whole. How much is there is the file's length and nothing else. */
export class UploadFiles {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'uploads');
    mkdirSync(this.#folder, { recursive: true });
  }

  path(id: string): string {
    return join(this.#folder, id);
  }

  /** Bytes that are there; 0 for an upload that has not begun. */
  offset(id: string): number {
    return statSync(this.path(id), { throwIfNoEntry: false })?.size ?? 0;
  }

  /**
   * Appends `source`, at most up to `total` bytes: more is `upload.too-large` and what came is dropped again. When the
   * source breaks off, what came stays.
   */
  async append(id: string, source: AsyncIterable<Uint8Array>, total: number): Promise<number> {
    const start = this.offset(id);
    let at = start;
    const handle = await open(this.path(id), 'a', 0o600);
    try {
      for await (const chunk of source) {
        at += chunk.length;
        if (at > total) {
          await truncate(this.path(id), start);
          throw new LabError('upload.too-large', `more bytes came than the ${total} that were announced`, {
            announced: total,
          });
        }
        await handle.writeFile(chunk); // all of it: `write` may take a part while the disk fills up
      }
    } finally {
      await handle.sync();
      await handle.close();
    }
    return at;
  }

  async remove(id: string): Promise<void> {
    await rm(this.path(id), { force: true });
  }

  /** Ids of everything that waits. */
  list(): string[] {
    return readdirSync(this.#folder);
  }
}
