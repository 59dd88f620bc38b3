import { LabError, type Upload, type UploadCreate } from '@hilltop/contracts';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Request } from 'express';
import { IsNull, LessThan } from 'typeorm';
import type { Actor } from '../access/actor.js';
import { CONFIG, type Config } from '../config.js';
import { newId } from '../ids.js';
import { BlobStore } from '../links/blob-store.js';
import { Database } from '../links/database.js';
import { UploadFiles } from '../links/upload-files.js';
import { UploadEntity } from './upload.entity.js';

/** A sender that is silent so long has gone; what came stays. */
const idleMs = 30_000;
/** An upload nobody finished is forgotten. */
const keepMs = 7 * 24 * 3600 * 1000;

/** Uploads of any size in as many pieces as it takes; checked against the sender's SHA-256 before they are a blob. */
@Injectable()
export class UploadService implements OnModuleInit {
  readonly #files: UploadFiles;
  /** Who writes each upload now, so that a newer sender can take over from one whose connection died. */
  readonly #writers = new Map<string, { stop: () => void; done: Promise<unknown> }>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    private readonly blobs: BlobStore,
  ) {
    this.#files = new UploadFiles(config.dataDir);
  }

  async onModuleInit(): Promise<void> {
    const oldest = new Date(Date.now() - keepMs).toISOString();
    await this.database.write((manager) => manager.delete(UploadEntity, { createdAt: LessThan(oldest) }), {
      label: 'upload.sweep',
    });
    const rows = await this.database.reader
      .getRepository(UploadEntity)
      .find({ where: { completedAt: IsNull() }, select: { id: true } });
    const wanted = new Set(rows.map((row) => row.id));
    for (const id of this.#files.list()) if (!wanted.has(id)) await this.#files.remove(id);
  }

  /** Begins, or goes on with what the caller has begun; complete at once where the blob is there. Throws `upload.too-large`. */
  async create(actor: Actor, wish: UploadCreate): Promise<Upload> {
    const limit = this.config.limits.uploadBytes;
    if (wish.bytes > limit)
      throw new LabError('upload.too-large', `${wish.bytes} bytes are more than this lab takes (${limit})`, { limit });
    const uploads = this.database.reader.getRepository(UploadEntity);
    const begun = await uploads.findOneBy({
      sha256: wish.sha256,
      bytes: wish.bytes,
      createdBy: actor.tokenId,
      completedAt: IsNull(),
    });
    // What nobody needs is swept after a day: it must not go between this answer and its use.
    const there = await this.blobs.renew(wish.sha256);
    if (begun && !there) {
      // A stop between its last byte and its end.
      if (this.#files.offset(begun.id) === begun.bytes && !this.#writers.has(begun.id)) await this.#complete(begun);
      return this.get(begun.id);
    }
    const now = new Date().toISOString();
    const row: UploadEntity = {
      id: newId('upl'),
      sha256: wish.sha256,
      bytes: wish.bytes,
      name: wish.name ?? null,
      createdBy: actor.tokenId,
      createdAt: now,
      completedAt: there ? now : null,
    };
    if (row.completedAt !== null && this.blobs.bytes(wish.sha256) !== wish.bytes) {
      throw new LabError('upload.hash-mismatch', 'a file with this SHA-256 has another length; hash the file again', {
        sha256: wish.sha256,
      });
    }
    await this.database.write((manager) => manager.insert(UploadEntity, row), { label: 'upload.create' });
    return this.#toUpload(row);
  }

  /** Throws `request.not-found`. */
  async get(id: string): Promise<Upload> {
    return this.#toUpload(await this.#find(id));
  }

  /**
   * Takes the bytes of `request` from `offset` on. Throws `upload.offset-mismatch`, `upload.too-large`,
   * `upload.incomplete` when the sender broke off, `upload.hash-mismatch` at the end: then it begins at 0 again.
   */
  async append(id: string, offset: number, request: Request): Promise<Upload> {
    const row = await this.#find(id);
    if (row.completedAt !== null)
      throw new LabError('upload.offset-mismatch', 'this upload is complete', { offset: row.bytes });
    const before = this.#writers.get(id);
    before?.stop();
    const work = (async () => {
      await before?.done;
      return this.#write(row, offset, request);
    })();
    const writer = { stop: () => request.destroy(), done: work.catch(() => undefined) };
    this.#writers.set(id, writer);
    try {
      return await work;
    } finally {
      if (this.#writers.get(id) === writer) this.#writers.delete(id);
    }
  }

  async #write(row: UploadEntity, offset: number, request: Request): Promise<Upload> {
    const { id } = row;
    const have = this.#files.offset(id);
    if (offset !== have) throw new LabError('upload.offset-mismatch', `go on at ${have}`, { offset: have });
    request.setTimeout(idleMs, () => request.destroy());
    try {
      await this.#files.append(id, request, row.bytes);
    } catch (error) {
      if (error instanceof LabError) throw error;
      throw new LabError(
        'upload.incomplete',
        'the sender broke off; go on where HEAD says',
        { offset: this.#files.offset(id) },
        { cause: error },
      );
    }
    request.setTimeout(0); // the connection goes on to other requests
    if (this.#files.offset(id) === row.bytes) await this.#complete(row);
    return this.get(id);
  }

  async #complete(row: UploadEntity): Promise<void> {
    try {
      await this.blobs.adopt(this.#files.path(row.id), row.sha256);
    } catch (error) {
      await this.#files.remove(row.id);
      throw error;
    }
    const completedAt = new Date().toISOString();
    await this.database.write((manager) => manager.update(UploadEntity, { id: row.id }, { completedAt }), {
      label: 'upload.complete',
    });
  }

  async #find(id: string): Promise<UploadEntity> {
    const row = await this.database.reader.getRepository(UploadEntity).findOneBy({ id });
    if (!row) throw new LabError('request.not-found', 'there is no such upload; begin again with POST /api/v1/uploads');
    return row;
  }

  #toUpload(row: UploadEntity): Upload {
    const complete = row.completedAt !== null;
    return {
      id: row.id,
      sha256: row.sha256,
      bytes: row.bytes,
      offset: complete ? row.bytes : this.#files.offset(row.id),
      complete,
    };
  }
}
