import { crc32, deflateRawSync } from 'node:zlib';

/** One array of an .npz: numpy dtype, shape and raw little-endian bytes. */
export interface NpyArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export const u8 = (shape: readonly number[], value: (i: number) => number = (i) => i % 251): NpyArray => ({
  dtype: '|u1',
  shape,
  data: Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
});
export const i64 = (values: readonly number[]): NpyArray => ({
  dtype: '<i8',
  shape: [values.length],
  data: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer),
});
export const f32 = (value: number): NpyArray => ({
  dtype: '<f4',
  shape: [],
  data: new Uint8Array(Float32Array.of(value).buffer),
});

export function npy({ dtype, shape, data }: NpyArray): Buffer {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length & 255, padded.length >> 8]);
  return Buffer.concat([head, Buffer.from(padded, 'latin1'), data]);
}

/** A zip of arrays, deflated; `lie` changes what an entry says of its size. */
export function npz(
  arrays: Readonly<Record<string, NpyArray | Buffer>>,
  lie?: (name: string) => number | undefined,
): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const [key, array] of Object.entries(arrays)) {
    const name = Buffer.from(`${key}.npy`);
    const raw = Buffer.isBuffer(array) ? array : npy(array);
    const packed = deflateRawSync(raw);
    const sizes = Buffer.alloc(16);
    sizes.writeUInt32LE(crc32(raw), 0);
    sizes.writeUInt32LE(packed.length, 4);
    sizes.writeUInt32LE(lie?.(key) ?? raw.length, 8);
    sizes.writeUInt16LE(name.length, 12);
    const common = Buffer.from([20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0]);
    locals.push(Buffer.from([0x50, 0x4b, 3, 4]), common, sizes, name, packed);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    central.push(Buffer.from([0x50, 0x4b, 1, 2, 20, 0]), common, sizes, tail, name);
    at += 30 + name.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.set([0x50, 0x4b, 5, 6]);
  end.writeUInt16LE(Object.keys(arrays).length, 8);
  end.writeUInt16LE(Object.keys(arrays).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}
