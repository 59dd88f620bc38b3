import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isLabError, LabError, Upload } from '@hilltop/contracts';
import { usageError } from '../shell/usage-error.js';
import type { LabClient } from './client.js';

/** Bytes of one PATCH: small enough to repeat after a cut, large enough that round trips do not count. */
export const sliceBytes = 4 * 1024 * 1024;
/** Cuts in a row without a single byte of progress after which the upload is given up. */
const maxCuts = 5;

export interface UploadOptions {
  readonly onProgress?: (progress: { file: string; sent: number; total: number }) => void;
  readonly sleep?: (ms: number) => Promise<void>;
  /** Bytes of one PATCH; tests use small ones. */
  readonly slice?: number;
}

/**
 * Sends a file: hashed first, so that bytes the lab already has are never sent, then in slices from the offset the lab
 * knows; a cut connection goes on from there. Returns the SHA-256. Throws what the lab answers, `lab.unreachable` after
 * repeated cuts, `usage.invalid` when the file cannot be read.
 */
export async function uploadFile(client: LabClient, path: string, options: UploadOptions = {}): Promise<string> {
  const bytes = await fileSize(path);
  const sha256 = await hashFile(path);
  let upload = await client.post('/api/v1/uploads', { sha256, bytes, name: basename(path) }, Upload);
  const file = await open(path, 'r');
  try {
    let cuts = 0;
    while (!upload.complete) {
      options.onProgress?.({ file: basename(path), sent: upload.offset, total: bytes });
      const before = upload.offset;
      upload = await sendSlice(client, file, upload, options.slice ?? sliceBytes).catch(async (error: unknown) => {
        if (!isRecoverable(error) || cuts++ >= maxCuts) throw error;
        await (options.sleep ?? sleepMs)(250 * 2 ** (cuts - 1));
        return client.get(`/api/v1/uploads/${upload.id}`, Upload);
      });
      if (upload.offset > before) cuts = 0;
    }
    options.onProgress?.({ file: basename(path), sent: bytes, total: bytes });
  } finally {
    await file.close();
  }
  return sha256;
}

async function sendSlice(client: LabClient, file: FileHandle, upload: Upload, slice: number): Promise<Upload> {
  const length = Math.min(slice, upload.bytes - upload.offset);
  const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, upload.offset);
  if (bytesRead < length) throw usageError('the file became shorter while it was sent: leave it alone and try again.');
  return client.append(`/api/v1/uploads/${upload.id}`, upload.offset, buffer, Upload);
}

/** The lab's offset tells where to go on: after a cut, an answer that got lost, or an overloaded lab. */
function isRecoverable(error: unknown): boolean {
  return isLabError(error) && ['lab.unreachable', 'lab.overloaded', 'upload.offset-mismatch'].includes(error.code);
}

async function fileSize(path: string): Promise<number> {
  try {
    const info = await stat(path);
    if (info.isFile() && info.size > 0) return info.size;
  } catch (error) {
    throw new LabError('usage.invalid', `cannot read ${path}: is the name right?`, { path }, { cause: error });
  }
  throw usageError(`${path} is not a file with anything in it.`);
}

/** SHA-256 of a file as lower-case hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

const sleepMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
