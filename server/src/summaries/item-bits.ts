import { evaluationOrder, type ItemBits } from '@hilltop/contracts';

/** Packs right/wrong per item, item 0 in the lowest bit of the first byte. */
export function packBits(right: readonly boolean[]): ItemBits {
  const bytes = Buffer.alloc(Math.ceil(right.length / 8));
  right.forEach((r, i) => {
    if (r) bytes[i >> 3]! |= 1 << (i & 7);
  });
  return { n: right.length, bits: bytes.toString('base64') };
}

/** The inverse: one byte an item, 0 or 1. */
export function unpackBits({ n, bits }: ItemBits): Uint8Array {
  const bytes = Buffer.from(bits, 'base64');
  return Uint8Array.from({ length: n }, (_, i) => ((bytes[i >> 3] ?? 0) >> (i & 7)) & 1);
}

/** Which items of the set these are, and how large it is; `items` absent: all of them, in order. */
export function itemsOf({ n, of }: ItemBits): { readonly of: number; readonly items?: Uint32Array } {
  return of === undefined ? { of: n } : { of, items: evaluationOrder(of, n) };
}
