import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { errorText, LabError } from '@hilltop/contracts';

export interface ZipLimits {
  /** Sum of the declared sizes of all entries. */
  readonly maxBytes: number;
  readonly maxEntries: number;
  /** Names every entry must match. */
  readonly names: RegExp;
}

interface ZipEntry {
  readonly name: string;
  readonly deflated: boolean;
  readonly checksum: number;
  /** Declared size of the content; nothing beyond it is ever inflated. */
  readonly size: number;
  /** Compressed content `[start, end)`. */
  readonly start: number;
  readonly end: number;
}

/** No honest array shrinks more; small ones may (a column of equal labels), and cannot hurt. */
const maxRatio = 200;
const alwaysAllowed = 1 << 20;

const bad = (why: string): LabError => new LabError('data.not-npz', `not an .npz file: ${why}`);
const bomb = (why: string): LabError => new LabError('data.bomb', `refused to unpack: ${why}`);

/**
 * The entries of an untrusted zip archive, inflated. Reads the central directory only (numpy's local headers leave sizes
 * out); stored and deflated entries, no encryption, no zip64, no overlaps. Throws `data.not-npz`, `data.bomb`.
 */
export async function readZip(bytes: Uint8Array, limits: ZipLimits): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  for (const entry of readDirectory(bytes, limits)) contents.set(entry.name, await inflate(bytes, entry));
  return contents;
}

function readDirectory(bytes: Uint8Array, limits: ZipLimits): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const directorySize = view.getUint32(end + 12, true);
  const directory = view.getUint32(end + 16, true);
  if (count === 0xffff || directory === 0xffffffff) throw bad('zip64 archives are not accepted: keep it below 4 GiB');
  if (count > limits.maxEntries) throw bomb(`it has ${count} entries, at most ${limits.maxEntries} are accepted`);
  if (directory + directorySize > end) throw bad('its directory lies outside the file');
  const entries: ZipEntry[] = [];
  const seen = new Set<string>();
  let total = 0;
  for (let i = 0, at = directory; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50) throw bad('its directory is broken');
    const nameLength = view.getUint16(at + 28, true);
    const next = at + 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw bad('its directory is broken');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (!limits.names.test(name))
      throw bad(`it has an entry named ${JSON.stringify(name.slice(0, 80))}; names like x.npy are expected`);
    if (seen.has(name)) throw bad(`entry ${name} occurs twice`);
    seen.add(name);
    const method = view.getUint16(at + 10, true);
    if (view.getUint16(at + 8, true) & 1) throw bad('it is encrypted');
    if (method !== 0 && method !== 8)
      throw bad(`entry ${name} is compressed by method ${method}; use numpy.savez or savez_compressed`);
    const packed = view.getUint32(at + 20, true);
    const size = view.getUint32(at + 24, true);
    total += size;
    if (total > limits.maxBytes) throw bomb(`its arrays hold more than ${limits.maxBytes} bytes`);
    if (size > alwaysAllowed && size > packed * maxRatio) throw bomb(`entry ${name} shrinks more than ${maxRatio}:1`);
    if (method === 0 && packed !== size) throw bad(`entry ${name} is stored with two different sizes`);
    entries.push({
      name,
      deflated: method === 8,
      checksum: view.getUint32(at + 16, true),
      size,
      ...locate(view, view.getUint32(at + 42, true), packed, directory, name),
    });
    at = next;
  }
  const sorted = [...entries].sort((a, b) => a.start - b.start);
  // Overlapping entries are how a small archive declares honest ratios many times over.
  for (let i = 1; i < sorted.length; i++) if (sorted[i]!.start < sorted[i - 1]!.end) throw bomb('its entries overlap');
  return entries;
}

/** Place of an entry's compressed content, behind its local header. */
function locate(
  view: DataView,
  header: number,
  packed: number,
  limit: number,
  name: string,
): { start: number; end: number } {
  if (header + 30 > limit || view.getUint32(header, true) !== 0x04034b50)
    throw bad(`entry ${name} lies outside the file`);
  const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
  if (start + packed > limit) throw bad(`entry ${name} lies outside the file`);
  return { start, end: start + packed };
}

/** Offset of the end-of-central-directory record: the last 22 bytes, before a comment of at most 64 KiB. */
function findEnd(view: DataView): number {
  for (let at = view.byteLength - 22; at >= 0 && at >= view.byteLength - 22 - 0xffff; at--) {
    if (view.getUint32(at, true) === 0x06054b50) return at;
  }
  throw bad('it has no directory; it may be cut off');
}

async function inflate(bytes: Uint8Array, entry: ZipEntry): Promise<Uint8Array> {
  const packed = bytes.subarray(entry.start, entry.end);
  let content: Uint8Array = packed;
  if (entry.deflated) {
    try {
      // One byte more than declared: an entry that goes on is told from one that ends.
      content = await promisify(inflateRaw)(packed, { maxOutputLength: entry.size + 1 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
        throw bomb(`entry ${entry.name} is larger than it declares`);
      throw bad(`entry ${entry.name} cannot be inflated: ${errorText(error)}`);
    }
    if (content.length > entry.size) throw bomb(`entry ${entry.name} is larger than it declares`);
  }
  if (content.length !== entry.size) throw bad(`entry ${entry.name} is shorter than it declares`);
  if (crc32(content) !== entry.checksum) throw bad(`entry ${entry.name} is damaged`);
  return content;
}
