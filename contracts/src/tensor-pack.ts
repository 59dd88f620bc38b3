import * as z from 'zod';
import { errorText, LabError } from './errors.js';

/**
 * Tensor pack: how labelled data lies in the blob store and reaches an agent.
 * An .npz is inflated, checked and cast once at the door; after that nobody needs an unzipper or trusts a dtype.
 *
 *   "HTP1" | u32 LE header length | JSON header, UTF-8 | raw little-endian tensors, each 8-byte aligned
 */
export const TensorType = z.enum(['float32', 'uint8', 'int8', 'int32', 'int64', 'bool']);
export type TensorType = z.infer<typeof TensorType>;

/** Bytes of one element. */
export const elementBytes = { float32: 4, uint8: 1, int8: 1, int32: 4, int64: 8, bool: 1 } as const satisfies Record<
  TensorType,
  number
>;

const Slot = z.strictObject({
  offset: z.number().int().min(0),
  bytes: z.number().int().min(0),
});

export const TensorPackHeader = z.strictObject({
  version: z.literal(1),
  /** Number of items: the first axis of every tensor. */
  items: z.number().int().min(1).max(10_000_000),
  inputs: z
    .array(
      z.strictObject({
        /** How the elements are stored; cast to the model's input type, then `value * scale + offset`. */
        type: TensorType,
        /** Dimensions of one item, without the item axis. */
        dims: z.array(z.number().int().min(1)).max(8),
        scale: z.number(),
        offset: z.number(),
        at: Slot,
      }),
    )
    .min(1)
    .max(16),
  /** int64 class of each item. */
  labels: Slot.optional(),
  /** Highest label + 1. */
  classes: z.number().int().min(1).optional(),
});
export type TensorPackHeader = z.infer<typeof TensorPackHeader>;

export interface TensorPackInput {
  readonly type: TensorType;
  readonly dims: readonly number[];
  readonly scale: number;
  readonly offset: number;
  /** Raw little-endian elements of all items. */
  readonly data: Uint8Array;
}

export interface TensorPack {
  readonly items: number;
  readonly inputs: readonly TensorPackInput[];
  /** Class of each item, when the data is labelled. */
  readonly labels?: Int32Array;
  readonly classes?: number;
}

const magic = [0x48, 0x54, 0x50, 0x31];
const align = (n: number): number => Math.ceil(n / 8) * 8;
const elements = (dims: readonly number[]): number => dims.reduce((product, d) => product * d, 1);

/** Serialises a pack; the inverse of `decodeTensorPack`. */
export function encodeTensorPack(pack: TensorPack): Uint8Array {
  let end = 0;
  const place = (bytes: number) => {
    const at = { offset: end, bytes };
    end = align(end + bytes);
    return at;
  };
  const inputs = pack.inputs.map((input) => ({
    type: input.type,
    dims: [...input.dims],
    scale: input.scale,
    offset: input.offset,
    at: place(input.data.byteLength),
  }));
  const labels = pack.labels && place(pack.labels.length * 8);
  const header: TensorPackHeader = {
    version: 1,
    items: pack.items,
    inputs,
    ...(labels && { labels }),
    ...(pack.classes !== undefined && { classes: pack.classes }),
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = align(8 + json.length);
  const out = new Uint8Array(start + end);
  out.set(magic);
  const view = new DataView(out.buffer);
  view.setUint32(4, json.length, true);
  out.fill(0x20, 8 + json.length, start);
  out.set(json, 8);
  for (const [i, input] of inputs.entries()) out.set(pack.inputs[i]!.data, start + input.at.offset);
  for (const [i, label] of (pack.labels ?? []).entries())
    view.setBigInt64(start + labels!.offset + i * 8, BigInt(label), true);
  return out;
}

/** Reads a pack and checks every length against the bytes present. Throws `data.shape-mismatch`. */
export function decodeTensorPack(bytes: Uint8Array): TensorPack {
  const bad = (why: string): LabError => new LabError('data.shape-mismatch', `not a tensor pack: ${why}`);
  if (bytes.length < 8 || magic.some((b, i) => bytes[i] !== b)) throw bad('wrong magic');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(4, true);
  if (8 + length > bytes.length) throw bad('header is cut');
  let header: TensorPackHeader;
  try {
    header = TensorPackHeader.parse(
      JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length))),
    );
  } catch (error) {
    throw bad(errorText(error));
  }
  const start = align(8 + length);
  const slice = (at: { offset: number; bytes: number }, want: number): Uint8Array => {
    if (at.bytes !== want || at.offset % 8 !== 0 || start + at.offset + at.bytes > bytes.length)
      throw bad('a tensor lies outside the file');
    return bytes.subarray(start + at.offset, start + at.offset + at.bytes);
  };
  const inputs = header.inputs.map((input) => ({
    type: input.type,
    dims: input.dims,
    scale: input.scale,
    offset: input.offset,
    data: slice(input.at, header.items * elements(input.dims) * elementBytes[input.type]),
  }));
  let labels: Int32Array | undefined;
  if (header.labels) {
    const raw = slice(header.labels, header.items * 8);
    const labelView = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    labels = Int32Array.from({ length: header.items }, (_, i) => Number(labelView.getBigInt64(i * 8, true)));
  }
  return {
    items: header.items,
    inputs,
    ...(labels && { labels }),
    ...(header.classes !== undefined && { classes: header.classes }),
  };
}

/**
 * Items `[from, to)` of one input as float32, cast and scaled: the shape is `[to - from, ...dims]`.
 * Only for inputs the model takes as float32; other types are fed as stored.
 */
export function itemsAsFloat32(input: TensorPackInput, from: number, to: number): Float32Array<ArrayBuffer> {
  const size = elements(input.dims);
  const width = elementBytes[input.type];
  const count = (to - from) * size;
  const view = new DataView(input.data.buffer, input.data.byteOffset + from * size * width, count * width);
  const read: Record<TensorType, (i: number) => number> = {
    float32: (i) => view.getFloat32(i * 4, true),
    uint8: (i) => view.getUint8(i),
    bool: (i) => view.getUint8(i),
    int8: (i) => view.getInt8(i),
    int32: (i) => view.getInt32(i * 4, true),
    int64: (i) => Number(view.getBigInt64(i * 8, true)),
  };
  const at = read[input.type];
  const plain = input.scale === 1 && input.offset === 0;
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) out[i] = plain ? at(i) : at(i) * input.scale + input.offset;
  return out;
}

/** A part of a pack: items `[from, to)`, views into the same bytes. */
export function packItems(pack: TensorPack, from: number, to: number): TensorPack {
  return {
    items: to - from,
    inputs: pack.inputs.map((input) => {
      const size = elements(input.dims) * elementBytes[input.type];
      return { ...input, data: input.data.subarray(from * size, to * size) };
    }),
    ...(pack.labels && { labels: pack.labels.subarray(from, to) }),
    ...(pack.classes !== undefined && { classes: pack.classes }),
  };
}
