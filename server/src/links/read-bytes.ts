import { readFile } from 'node:fs/promises';

/** A whole file, as plain bytes over the buffer it was read into: not a copy of it. */
export async function readBytes(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const { buffer, byteOffset, byteLength } = await readFile(file);
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
