/**
 * What a patch is: how an artifact is written as its difference to one that the device already has. For each segment of
 * the artifact in order: the length of a zstd frame (uint32, little endian), then the frame, made with the base's bytes
 * around the same place as raw dictionary; without a base, with none. Segments, because zstd at no level looks back
 * further than 8 MiB over a dictionary, and because neither side then ever holds a whole artifact in memory.
 */

/** Bytes of the artifact in one frame; the last has the rest. A multiple of `chunkBytes`. */
export const patchSegmentBytes = 1024 * 1024;
/** Most bytes of the base that are a segment's dictionary: with the segment they stay inside the window of 8 MiB. */
export const patchDictionaryBytes = 4 * 1024 * 1024;
/** No frame of a patch may claim to inflate to more: encoders split blocks, so the bound lies well above the segment. */
export const patchFrameBound = 16 * 1024 * 1024;
/** Longest frame: an incompressible segment and its block headers. */
export const patchFrameBytes = patchSegmentBytes + 64 * 1024;
/** Bases that are named in one request, newest first. */
export const patchBases = 16;

/** Where a segment and its dictionary lie: first byte and the one after the last. */
export interface PatchSegment {
  readonly start: number;
  readonly end: number;
  readonly dictionary?: { readonly start: number; readonly end: number };
}

/** Segments of an artifact of `bytes`, each with the place in a base of `baseBytes` that lies as far in as it does. */
export function patchSegments(bytes: number, baseBytes?: number): PatchSegment[] {
  return Array.from({ length: Math.ceil(bytes / patchSegmentBytes) }, (_, i) => {
    const start = i * patchSegmentBytes;
    const end = Math.min(bytes, start + patchSegmentBytes);
    if (baseBytes === undefined) return { start, end };
    const middle = Math.floor(((start + end) / 2) * (baseBytes / bytes));
    const last = Math.max(0, baseBytes - patchDictionaryBytes);
    const from = Math.min(last, Math.max(0, middle - patchDictionaryBytes / 2));
    return { start, end, dictionary: { start: from, end: Math.min(baseBytes, from + patchDictionaryBytes) } };
  });
}
