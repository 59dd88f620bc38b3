/** Family ids of the UF2 format: what a boot loader takes. */
export const uf2Families = { rp2040: 0xe48b_ff56 } as const;

const blockBytes = 512;
const payloadBytes = 256;
const magic = [0x0a32_4655, 0x9e5d_5157, 0x0ab1_6f30] as const;
const familyIdPresent = 0x2000;

/**
 * A flash image as UF2: blocks of 512 bytes with 256 of payload each, the last one filled up with zeros, from `address` on.
 * Throws RangeError for an empty image or an address that is not a multiple of 256.
 */
export function encodeUf2(
  image: Uint8Array,
  options: { readonly address: number; readonly family: number },
): Uint8Array<ArrayBuffer> {
  if (image.length === 0 || options.address % payloadBytes !== 0)
    throw new RangeError(`${image.length} bytes at ${options.address.toString(16)}`);
  const blocks = Math.ceil(image.length / payloadBytes);
  const out = new Uint8Array(blocks * blockBytes);
  for (let i = 0; i < blocks; i++) {
    const view = new DataView(out.buffer, i * blockBytes, blockBytes);
    const words = [
      magic[0],
      magic[1],
      familyIdPresent,
      options.address + i * payloadBytes,
      payloadBytes,
      i,
      blocks,
      options.family,
    ];
    for (const [at, word] of words.entries()) view.setUint32(at * 4, word, true);
    view.setUint32(blockBytes - 4, magic[2], true);
    out.set(image.subarray(i * payloadBytes, (i + 1) * payloadBytes), i * blockBytes + 32);
  }
  return out;
}
