import { LabError } from '@hilltop/contracts';

/** Protobuf wire types that occur in ONNX; groups (3, 4) do not and are refused. */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** One field of a message as it lies in the file: nothing is copied. */
export interface WireField {
  readonly number: number;
  readonly type: number;
  /** Value of a varint, read as int64; exact up to 2^53, beyond that only its sign and size are right. */
  readonly value: number;
  /** Payload `[start, end)` of a length-delimited or fixed field. */
  readonly start: number;
  readonly end: number;
}

const notOnnx = (why: string): LabError => new LabError('model.not-onnx', `not an ONNX model: ${why}`);

/**
 * Reads the fields of one message in `[start, end)` of a file, in order. Every length is checked against the message's
 * end before it is used. Throws `model.not-onnx`; `cut` makes the error for a field that runs past `end`.
 */
export function* readFields(bytes: Uint8Array, start: number, end: number, cut: () => LabError): Generator<WireField> {
  let at = start;
  const varint = (): number => {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) throw cut();
      const byte = bytes[at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= (bits & 1) << 31;
      if (byte < 0x80) return (high | 0) * 4294967296 + (low >>> 0);
    }
    throw notOnnx('a number is longer than 64 bits');
  };
  while (at < end) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const type = tag & 7;
    if (number < 1 || number > 0x1fffffff) throw notOnnx('a field number is out of range');
    if (type === wire.varint) {
      const from = at;
      const value = varint();
      yield { number, type, value, start: from, end: at };
      continue;
    }
    let length: number;
    if (type === wire.bytes) length = varint();
    else if (type === wire.fixed32) length = 4;
    else if (type === wire.fixed64) length = 8;
    else throw notOnnx(`wire type ${type} is not used by ONNX`);
    if (length < 0) throw notOnnx('a length is negative');
    if (length > end - at) throw cut();
    yield { number, type, value: length, start: at, end: at + length };
    at += length;
  }
}

/** Number of varints in a packed field: the bytes without a continuation bit. Throws `model.not-onnx` where the last one is cut. */
export function countPackedVarints(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if (bytes[i]! < 0x80) count++;
  if (end > start && bytes[end - 1]! >= 0x80) throw notOnnx('a packed number is cut');
  return count;
}

/** The varints of a packed field, read as int64. */
export function readPackedVarints(bytes: Uint8Array, start: number, end: number): number[] {
  const values: number[] = [];
  let low = 0n;
  let shift = 0n;
  for (let i = start; i < end; i++) {
    low |= BigInt(bytes[i]! & 0x7f) << shift;
    shift += 7n;
    if (bytes[i]! < 0x80) {
      values.push(Number(BigInt.asIntN(64, low)));
      low = 0n;
      shift = 0n;
    } else if (shift > 63n) throw notOnnx('a number is longer than 64 bits');
  }
  if (shift > 0n) throw notOnnx('a packed number is cut');
  return values;
}
