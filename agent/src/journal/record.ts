import { crc32 } from 'node:zlib';

/**
 * A journal's record: `magic u16 | type u8 | flags u8 | length u32 | seq u64 | crc32 u32`, little-endian,
 * then `length` bytes. The checksum covers the header before it and the payload.
 */
export const recordHeaderBytes = 20;
const magic = 0x484a;
/** Type of record: an event, CBOR. Others are for later versions; an unknown one is kept and not read. */
export const eventRecord = 1;
/** A length beyond this is damage, not a record: the largest event is one batch of observations. */
const longestPayload = 1 << 20;

export interface JournalRecord {
  readonly seq: number;
  readonly type: number;
  readonly payload: Uint8Array;
  /** Where the record starts in its segment. */
  readonly offset: number;
}

export function encodeRecord(seq: number, payload: Uint8Array, type = eventRecord): Uint8Array {
  const out = new Uint8Array(recordHeaderBytes + payload.length);
  const view = new DataView(out.buffer);
  view.setUint16(0, magic, true);
  view.setUint8(2, type);
  view.setUint32(4, payload.length, true);
  view.setBigUint64(8, BigInt(seq), true);
  out.set(payload, recordHeaderBytes);
  view.setUint32(16, checksum(out, 0, payload.length), true);
  return out;
}

export interface SegmentScan {
  readonly records: readonly JournalRecord[];
  /** Bytes up to the end of the last good record. */
  readonly end: number;
  /** `torn`: what follows `end` was being written when the power went. `corrupt`: good records lie behind a bad one. */
  readonly state: 'whole' | 'torn' | 'corrupt';
}

/** Reads a segment whose first record is number `firstSeq`; records must be contiguous. */
export function scanSegment(bytes: Uint8Array, firstSeq: number): SegmentScan {
  const records: JournalRecord[] = [];
  let end = 0;
  for (;;) {
    const record = recordAt(bytes, end);
    if (!record) break;
    if (record.seq !== firstSeq + records.length) return { records, end, state: 'corrupt' };
    records.push(record);
    end += recordHeaderBytes + record.payload.length;
  }
  if (end === bytes.length) return { records, end, state: 'whole' };
  return { records, end, state: goodRecordBehind(bytes, end + 1) ? 'corrupt' : 'torn' };
}

function goodRecordBehind(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at + recordHeaderBytes <= bytes.length; at++) {
    if (bytes[at] === (magic & 0xff) && recordAt(bytes, at)) return true;
  }
  return false;
}

function recordAt(bytes: Uint8Array, offset: number): JournalRecord | undefined {
  if (offset + recordHeaderBytes > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, recordHeaderBytes);
  const length = view.getUint32(4, true);
  if (
    view.getUint16(0, true) !== magic ||
    length > longestPayload ||
    offset + recordHeaderBytes + length > bytes.length
  )
    return undefined;
  if (view.getUint32(16, true) !== checksum(bytes, offset, length)) return undefined;
  const start = offset + recordHeaderBytes;
  return {
    seq: Number(view.getBigUint64(8, true)),
    type: view.getUint8(2),
    payload: bytes.subarray(start, start + length),
    offset,
  };
}

function checksum(bytes: Uint8Array, offset: number, length: number): number {
  const header = crc32(bytes.subarray(offset, offset + 16));
  return crc32(bytes.subarray(offset + recordHeaderBytes, offset + recordHeaderBytes + length), header);
}
