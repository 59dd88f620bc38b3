import { errorText, LabError, zstdBound, zstdLongestBlock } from '@hilltop/contracts';
import { Decoder } from '@toondepauw/node-zstd';

export interface InflateOptions {
  /** Raw content that the frame refers to. */
  readonly dictionary?: Uint8Array;
  /** Most that the frame's block headers may add up to, bytes; one block more than `length` where absent. */
  readonly bound?: number;
}

/** Inflates one frame of exactly `length` bytes; refuses anything that could become much larger. Throws `artifact.corrupt`. */
export function inflate(data: Uint8Array, length: number, options: InflateOptions = {}): Uint8Array {
  const bound = zstdBound(data);
  if (bound === undefined || bound > (options.bound ?? length + zstdLongestBlock))
    throw new LabError('artifact.corrupt', 'a chunk is not a zstd frame of the size announced');
  let out: Uint8Array;
  try {
    out = new Decoder(options.dictionary && Buffer.from(options.dictionary)).decodeSync(Buffer.from(data));
  } catch (error) {
    throw new LabError('artifact.corrupt', `a zstd frame cannot be undone: ${errorText(error)}`);
  }
  if (out.length !== length) throw new LabError('artifact.corrupt', 'a chunk inflates to another size than announced');
  return out;
}
