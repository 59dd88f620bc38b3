import { crc32, deflateRawSync } from 'node:zlib';

/** One .npy file with any header a test wants. */
export function npy(dtype: string, dims: readonly number[], data: Uint8Array, header?: string): Uint8Array {
  const shape = dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(', ')})`;
  const text = `${header ?? `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${shape}, }`}\n`;
  const bytes = new Uint8Array(10 + text.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes.set(data, 10 + text.length);
  return bytes;
}

export interface ZipFixture {
  readonly name: string;
  readonly content: Uint8Array;
  readonly stored?: boolean;
  /** Size the directory declares instead of the true one. */
  readonly declared?: number;
  /** Offset of the local header the directory points at instead of the true one. */
  readonly offset?: number;
}

/** A zip archive, honest or not. */
export function zip(entries: readonly ZipFixture[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content, stored, declared, offset } of entries) {
    const packed = stored ? Buffer.from(content) : deflateRawSync(content);
    const local = Buffer.alloc(30 + name.length);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.write(name, 30, 'latin1');
    const entry = Buffer.alloc(46 + name.length);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(stored ? 0 : 8, 10);
    entry.writeUInt32LE(crc32(content), 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(declared ?? content.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset ?? at, 42);
    entry.write(name, 46, 'latin1');
    parts.push(local, packed);
    directory.push(entry);
    at += local.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(
    directory.reduce((sum, d) => sum + d.length, 0),
    12,
  );
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...parts, ...directory, end]));
}

/** An .npz of named arrays. */
export function npz(arrays: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return zip(Object.entries(arrays).map(([name, content]) => ({ name: `${name}.npy`, content })));
}

export const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
export const longs = (...values: number[]): Uint8Array => new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
