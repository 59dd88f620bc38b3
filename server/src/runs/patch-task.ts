import { LabError, patchFrameBound, zstdBound } from '@hilltop/contracts';
import zstd from '@toondepauw/node-zstd';
import type { Task } from '../links/worker-pool.js';

export interface PatchTaskInput {
  /** One segment of an artifact. */
  readonly target: Uint8Array;
  /** What its base has around the same place. */
  readonly dictionary?: Uint8Array;
  /** zstd's. */
  readonly level: number;
}

/** For an agent that waits. */
export const patchTask: Task<PatchTaskInput, Uint8Array> = { name: 'patch' };
/** For those who come later: it may stand behind builds, and nothing that somebody waits for stands behind it. */
export const deepPatchTask: Task<PatchTaskInput, Uint8Array> = { name: 'deep-patch' };

/** Below this level zstd does not split its blocks, so the bound of a frame is near its content. */
const plainLevel = 9;

/** One frame of a patch. Off the event loop, since loading a dictionary is not asynchronous. */
export function patchWork({ target, dictionary, level }: PatchTaskInput): Uint8Array {
  for (const tried of [level, Math.min(level, plainLevel)]) {
    const encoder = new zstd.Encoder(
      tried,
      dictionary && Buffer.from(dictionary.buffer, dictionary.byteOffset, dictionary.length),
    );
    const frame = encoder.encodeSync(Buffer.from(target.buffer, target.byteOffset, target.length));
    // What the agent would refuse is not made.
    if ((zstdBound(frame) ?? Number.POSITIVE_INFINITY) <= patchFrameBound) return frame;
  }
  throw new LabError('lab.internal', 'a frame of a patch claims to be larger than agents accept');
}
