import { isLabError, type Upload } from '@hilltop/contracts';
import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex } from '@noble/hashes/utils';
import type { Api } from './api.js';

/** 0 to 1 within its step. */
export interface UploadProgress {
  readonly step: 'hashing' | 'sending' | 'done';
  readonly fraction: number;
}

export interface UploadPorts {
  readonly api: Pick<Api, 'createUpload' | 'upload' | 'appendUpload'>;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly onProgress: (progress: UploadProgress) => void;
  readonly signal?: AbortSignal;
}

const hashStep = 1024 * 1024;
/** One PATCH; small enough that a cut costs little, large enough that round trips do not show. */
const sendStep = 4 * 1024 * 1024;
/** Tries of one piece before the person is asked; the waits double from 0.5 s to about a minute in all. */
const maxTries = 8;

/**
 * Hashes a file, then sends it in pieces that resume after any cut. Returns the SHA-256 (64 hex digits).
 * Hashing is done here and not by `crypto.subtle`: browsers offer that only on https and localhost, and it cannot
 * take a file piece by piece.
 */
export async function uploadFile(file: Blob & { readonly name?: string }, ports: UploadPorts): Promise<string> {
  const digest = await hashFile(file, ports);
  let upload = await ports.api.createUpload({
    sha256: digest,
    bytes: file.size,
    ...(file.name !== undefined && { name: file.name }),
  });
  let tries = 0;
  while (!upload.complete) {
    ports.signal?.throwIfAborted();
    ports.onProgress({ step: 'sending', fraction: upload.offset / file.size });
    try {
      upload = await ports.api.appendUpload(
        upload.id,
        upload.offset,
        file.slice(upload.offset, upload.offset + sendStep),
        ports.signal,
      );
      tries = 0;
    } catch (error) {
      if (!resumable(error) || ++tries >= maxTries) throw error;
      await ports.wait(Math.min(15_000, 500 * 2 ** (tries - 1)));
      upload = await whereAreWe(upload, ports);
    }
  }
  ports.onProgress({ step: 'done', fraction: 1 });
  return digest;
}

async function hashFile(file: Blob, ports: UploadPorts): Promise<string> {
  const hash = sha256.create();
  for (let at = 0; at < file.size; at += hashStep) {
    ports.signal?.throwIfAborted();
    hash.update(new Uint8Array(await file.slice(at, at + hashStep).arrayBuffer()));
    ports.onProgress({ step: 'hashing', fraction: Math.min(1, (at + hashStep) / file.size) });
  }
  return bytesToHex(hash.digest());
}

const resumable = (error: unknown): boolean =>
  isLabError(error, 'lab.unreachable') ||
  isLabError(error, 'upload.offset-mismatch') ||
  isLabError(error, 'lab.overloaded');

/** After a cut only the lab knows how much arrived; while it is away the old state stands. */
async function whereAreWe(upload: Upload, ports: UploadPorts): Promise<Upload> {
  try {
    return await ports.api.upload(upload.id);
  } catch (error) {
    if (isLabError(error, 'lab.unreachable')) return upload;
    throw error;
  }
}
