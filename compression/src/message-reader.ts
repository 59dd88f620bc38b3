import { LabError } from '@hilltop/contracts';
import { type MessageName, type MessageShape, messageShapes } from './onnx-schema.js';
import { readFields, readPackedVarints, type WireField, wire } from './wire.js';

/**
 * Limits of what a file may hold. Small messages cost a decoder 50 times their bytes, so their number is capped too;
 * the largest real models seen have 6,000 nodes.
 */
export const limits = {
  depth: 64,
  nodes: 200_000,
  tensors: 100_000,
  messages: 2_000_000,
  values: 20_000_000,
  dims: 64,
} as const;

export const notOnnx = (why: string): LabError => new LabError('model.not-onnx', `not an ONNX model: ${why}`);

/** Place of a message in the file: `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const decoder = new TextDecoder();

/** Reads the messages of one file within `limits`. Throws `model.not-onnx`, `model.truncated`, `model.too-complex`. */
export class MessageReader {
  /** Set by the walk once it is known: bytes that stated one are a model, whatever is wrong with them. */
  irVersion = 0;
  private messages = 0;
  private values = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** Gives each field of a message, with the name of the message in it, if it is one. */
  fields(
    name: MessageName,
    { start, end }: Span,
    depth: number,
    each: (field: WireField, child: MessageName | undefined) => void,
  ): void {
    if (depth > limits.depth) throw this.tooComplex(`is nested deeper than ${limits.depth} messages`);
    if (++this.messages > limits.messages) throw this.tooComplex(`has more than ${limits.messages} parts`);
    const shape: MessageShape = messageShapes[name];
    let seen = 0;
    // Only the outermost message can be cut by the file's end; a field that leaves an inner message is a lie.
    const cut = (): LabError =>
      depth === 0 && this.irVersion > 0 ? this.truncated() : notOnnx('a field runs past its message');
    for (const field of readFields(this.bytes, start, end, cut)) {
      this.count(1);
      if (shape.once.includes(field.number)) {
        const bit = 1 << field.number;
        if (seen & bit) throw notOnnx(`field ${field.number} of a ${name} occurs twice`);
        seen |= bit;
      }
      const child = shape.children[field.number];
      if (child !== undefined && field.type !== wire.bytes) {
        throw notOnnx(`field ${field.number} of a ${name} has a wrong wire type`);
      }
      each(field, child);
    }
  }

  count(values: number): void {
    this.values += values;
    if (this.values > limits.values) throw this.tooComplex(`has more than ${limits.values} values outside raw tensors`);
  }

  truncated(): LabError {
    return new LabError('model.truncated', `the model is cut off after ${this.bytes.length} bytes: upload it again`);
  }

  tooComplex(what: string): LabError {
    return new LabError('model.too-complex', `the model ${what}; such models are not accepted`, { limits });
  }

  integer(field: WireField): number {
    if (field.type !== wire.varint) throw notOnnx('a number has a wrong wire type');
    return field.value;
  }

  /** Checks the wire type of a single value of tensor data: 1 value. */
  fixed(field: WireField, type: number): number {
    if (field.type !== type) throw notOnnx('tensor data has a wrong wire type');
    return 1;
  }

  /** Dimensions written as one packed field. */
  packed(field: WireField): number[] {
    // Bound before reading: ten bytes is the longest varint.
    if (field.end - field.start > limits.dims * 10) {
      throw this.tooComplex(`has a tensor of more than ${limits.dims} dimensions`);
    }
    return readPackedVarints(this.bytes, field.start, field.end);
  }

  text(field: WireField): string {
    if (field.type !== wire.bytes) throw notOnnx('a text has a wrong wire type');
    return decoder.decode(this.bytes.subarray(field.start, field.end));
  }
}
