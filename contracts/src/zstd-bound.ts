const frameMagic = 0xfd2fb528;
/** RFC 8878, 3.1.1.2: no block decompresses to more. */
export const zstdLongestBlock = 128 * 1024;

/**
 * Upper bound of what a zstd frame inflates to, from its block headers alone (RFC 8878, 3.1.1): a raw or
 * run-length block states its size, a compressed one holds at most 128 KiB. Undefined when it is no single frame.
 */
export function zstdBound(data: Uint8Array): number | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.length < 6 || view.getUint32(0, true) !== frameMagic) return undefined;
  const descriptor = data[4]!;
  const single = (descriptor & 0x20) !== 0;
  const contentSizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  let at = 5 + (single ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]! + contentSizeBytes;
  const trailer = descriptor & 4 ? 4 : 0;
  let bound = 0;
  for (;;) {
    if (at + 3 > data.length) return undefined;
    const header = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16);
    const size = header >> 3;
    const type = (header >> 1) & 3;
    if (type === 3) return undefined;
    bound += type === 2 ? zstdLongestBlock : size;
    at += 3 + (type === 1 ? 1 : size);
    if (header & 1) break;
  }
  return at + trailer === data.length ? bound : undefined;
}
