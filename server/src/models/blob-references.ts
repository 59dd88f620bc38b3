import { Injectable } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import { BlobStore } from '../links/blob-store.js';
import { Database } from '../links/database.js';
import { BlobReferenceEntity } from './blob-reference.entity.js';

/** Which blobs a model and everything made from it needs. */
@Injectable()
export class BlobReferences {
  constructor(
    private readonly database: Database,
    private readonly blobs: BlobStore,
  ) {}

  /** Within a transaction; saying it twice is fine. */
  async add(manager: EntityManager, modelId: string, hashes: readonly string[]): Promise<void> {
    if (hashes.length === 0) return;
    const rows = [...new Set(hashes)].map((sha256) => ({ sha256, modelId }));
    await manager.createQueryBuilder().insert().into(BlobReferenceEntity).values(rows).orIgnore().execute();
  }

  async of(manager: EntityManager, modelId: string): Promise<string[]> {
    return (await manager.findBy(BlobReferenceEntity, { modelId })).map((row) => row.sha256);
  }

  /** Removes those blobs that nothing refers to any more; answers how many. */
  async sweep(hashes: readonly string[]): Promise<number> {
    let removed = 0;
    for (let at = 0; at < hashes.length; at += 500) {
      const part = hashes.slice(at, at + 500);
      const rows = await this.database.reader.getRepository(BlobReferenceEntity).findBy({ sha256: In(part) });
      const needed = new Set(rows.map((row) => row.sha256));
      for (const sha256 of part) {
        if (needed.has(sha256)) continue;
        await this.blobs.remove(sha256);
        removed += 1;
      }
    }
    return removed;
  }
}
