import { type FileHandle, open } from 'node:fs/promises';
import { LabError, patchFrameBound, patchFrameBytes, patchSegments } from '@hilltop/contracts';
import { inflate } from './zstd.js';

export interface PatchFiles {
  /** The patch, verified against its name. */
  readonly patch: string;
  /** What it refers to; absent: nothing. */
  readonly base?: string;
  /** Grows into the artifact; must exist. Its first `bytes` are written, nothing beyond. */
  readonly target: string;
  /** Length of the artifact. */
  readonly bytes: number;
}

/**
 * Writes an artifact from a patch, a segment at a time, so that no length in the patch is believed and no more than a
 * segment, its dictionary and `patchFrameBound` are ever in memory. What comes out is not verified here. Throws
 * `artifact.corrupt`, what the file system throws, and the signal's reason.
 */
export async function applyPatch({ patch, base, target, bytes }: PatchFiles, signal: AbortSignal): Promise<void> {
  const files: FileHandle[] = [];
  const opened = async (path: string, flags: string): Promise<FileHandle> => {
    const file = await open(path, flags);
    files.push(file);
    return file;
  };
  try {
    const from = await opened(patch, 'r');
    const old = base === undefined ? undefined : await opened(base, 'r');
    const to = await opened(target, 'r+');
    const { size } = await from.stat();
    let at = 0;
    for (const { start, end, dictionary } of patchSegments(bytes, old && (await old.stat()).size)) {
      signal.throwIfAborted();
      const length = (await exactly(from, at, 4)).readUInt32LE();
      if (length > patchFrameBytes) throw new LabError('artifact.corrupt', 'a frame of the patch is too long');
      const frame = await exactly(from, at + 4, length);
      at += 4 + length;
      const data = inflate(frame, end - start, {
        bound: patchFrameBound,
        ...(old &&
          dictionary && { dictionary: await exactly(old, dictionary.start, dictionary.end - dictionary.start) }),
      });
      await to.write(data, 0, data.length, start);
    }
    if (at !== size) throw new LabError('artifact.corrupt', 'the patch goes on after its last segment');
  } finally {
    for (const file of files) await file.close();
  }
}

async function exactly(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  if (bytesRead !== length) throw new LabError('artifact.corrupt', 'the patch or its base ends too early');
  return buffer;
}
