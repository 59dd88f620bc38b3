import { MessageChannel } from 'node:worker_threads';
import { create, type DescField, type DescMessage, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
} from 'onnx-buf';

/**
 * Encoding without copies: protobuf's own writer copies every weight into a buffer that grows by doubling, and once more out of it, which
 * for a large model is four times the file. Here weights stay where they are until the file is put together.
 */
export type Parts = readonly Uint8Array[];

/** Weights smaller than this go through the common writer: a part of their own costs more than copying them. */
const smallWeight = 4096;

/** The fields on the way from a model to its weights, and the messages in them. */
const onTheWay = new Map<DescMessage, Readonly<Record<string, DescMessage>>>([
  [ModelProtoSchema, { graph: GraphProtoSchema }],
  [GraphProtoSchema, { node: NodeProtoSchema, initializer: TensorProtoSchema }],
  [NodeProtoSchema, { attribute: AttributeProtoSchema }],
  [
    AttributeProtoSchema,
    { t: TensorProtoSchema, g: GraphProtoSchema, tensors: TensorProtoSchema, graphs: GraphProtoSchema },
  ],
  [TensorProtoSchema, {}],
]);

type Fields = Record<string, unknown>;

/** The bytes `toBinary` gives, in parts; those of large weights are the weights' own memory. */
export function partsOf(schema: DescMessage, message: Message): Parts {
  const children = onTheWay.get(schema);
  const fields = message as unknown as Fields;
  if (!children || !isLarge(schema, fields)) return [toBinary(schema, message)];
  const parts: Uint8Array[] = [];
  let small: DescField[] = [];
  /** Writes the fields gathered since the last large one; unknown fields come last. */
  const flush = (unknown?: Message['$unknown']): void => {
    const some = create(schema);
    for (const { localName } of small)
      if (Object.hasOwn(fields, localName)) (some as unknown as Fields)[localName] = fields[localName];
    if (unknown) some.$unknown = unknown;
    parts.push(toBinary(schema, some));
    small = [];
  };
  const put = (field: DescField, content: Parts): void => {
    const length = content.reduce((sum, part) => sum + part.length, 0);
    parts.push(new BinaryWriter().tag(field.number, WireType.LengthDelimited).uint32(length).finish(), ...content);
  };
  for (const field of schema.fields.toSorted((a, b) => a.number - b.number)) {
    const child = children[field.localName];
    const value = Object.hasOwn(fields, field.localName) ? fields[field.localName] : undefined;
    if (schema === TensorProtoSchema && field.localName === 'rawData' && value) {
      flush();
      put(field, [value as Uint8Array]);
    } else if (child && value) {
      flush();
      for (const each of Array.isArray(value) ? value : [value]) put(field, partsOf(child, each as Message));
    } else small.push(field);
  }
  flush(message.$unknown);
  return parts;
}

/** Whether a large weight may be in a message. Nodes are many: only those with tensors or sub-graphs are looked into. */
function isLarge(schema: DescMessage, fields: Fields): boolean {
  if (schema === TensorProtoSchema) return ((fields.rawData as Uint8Array | undefined)?.length ?? 0) >= smallWeight;
  if (schema === NodeProtoSchema) return (fields.attribute as Fields[]).some((a) => isLarge(AttributeProtoSchema, a));
  if (schema !== AttributeProtoSchema) return true;
  return (
    ['t', 'g'].some((name) => Object.hasOwn(fields, name)) ||
    ['tensors', 'graphs'].some((name) => (fields[name] as unknown[]).length > 0)
  );
}

export const lengthOf = (parts: Parts): number => parts.reduce((sum, part) => sum + part.length, 0);

/** Parts as one file. */
export function joined(parts: Parts): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Buffers from this size on are worth freeing by hand. */
const largeBuffer = 1 << 20;

/** A closed port: what is transferred to it is freed at once, where garbage waits for a collector that sees no hurry. */
const drain = new MessageChannel().port1;
drain.close();

/**
 * Parts as one file, each large buffer that a part fills freed as soon as it is copied: model and file do not stand in memory side by
 * side. Nothing but the file can be used afterwards.
 */
export function joinedAndFreed(parts: Parts): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthOf(parts));
  const last = new Map(parts.map((part, i) => [part.buffer, i]));
  let at = 0;
  for (const [i, part] of parts.entries()) {
    const { length, buffer } = part;
    bytes.set(part, at);
    at += length;
    const whole = buffer instanceof ArrayBuffer && length === buffer.byteLength && length >= largeBuffer;
    if (whole && last.get(buffer) === i) drain.postMessage(undefined, [buffer]);
  }
  return bytes;
}

/** Whether two lists of parts make the same bytes. */
export function sameBytes(a: Parts, b: Parts): boolean {
  if (lengthOf(a) !== lengthOf(b)) return false;
  let [i, k, atA, atB] = [0, 0, 0, 0];
  while (i < a.length && k < b.length) {
    const [one, other] = [a[i]!, b[k]!];
    const length = Math.min(one.length - atA, other.length - atB);
    const [x, y] = [one.subarray(atA, atA + length), other.subarray(atB, atB + length)];
    const same = x.buffer === y.buffer && x.byteOffset === y.byteOffset;
    if (!same && Buffer.compare(x, y) !== 0) return false;
    atA += length;
    atB += length;
    if (atA === one.length) [i, atA] = [i + 1, 0];
    if (atB === other.length) [k, atB] = [k + 1, 0];
  }
  return true;
}

/** A model as a file: what `toBinary` gives, at the price of one copy. */
export const encodeModel = (model: ModelProto): Uint8Array<ArrayBuffer> => joined(partsOf(ModelProtoSchema, model));

/** A decoded model; its weights lie in the given memory. */
export const decodeModel = (bytes: Uint8Array): ModelProto => fromBinary(ModelProtoSchema, bytes);
