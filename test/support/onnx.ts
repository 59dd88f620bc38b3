/** Just enough protobuf to write small, strange ONNX models (onnx.proto3 field numbers in the comments). */

function varint(value: bigint): number[] {
  const out: number[] = [];
  let v = BigInt.asUintN(64, value);
  do {
    out.push(Number(v & 127n) | (v > 127n ? 128 : 0));
    v >>= 7n;
  } while (v > 0n);
  return out;
}

export const int = (field: number, value: number | bigint): Buffer =>
  Buffer.from([...varint(BigInt(field << 3)), ...varint(BigInt(value))]);
export const bytes = (field: number, value: Uint8Array | string): Buffer => {
  const data = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([...varint(BigInt((field << 3) | 2)), ...varint(BigInt(data.length))]), data]);
};
export const message = (field: number, ...parts: Buffer[]): Buffer => bytes(field, Buffer.concat(parts));

/** TensorProto: dims = 1, data_type = 2, name = 8, raw_data = 9. */
export const tensor = (
  field: number,
  name: string,
  type: number,
  dims: readonly (number | bigint)[],
  raw: Uint8Array,
): Buffer => message(field, ...dims.map((d) => int(1, d)), int(2, type), bytes(8, name), bytes(9, raw));

/** ValueInfoProto of a tensor: name = 1, type = 2 { tensor_type = 1 { elem_type = 1, shape = 2 { dim = 1 { dim_value = 1 } } } }. */
export const value = (field: number, name: string, type: number, dims: readonly number[]): Buffer =>
  message(
    field,
    bytes(1, name),
    message(2, message(1, int(1, type), message(2, ...dims.map((d) => message(1, int(1, d)))))),
  );

/** NodeProto: input = 1, output = 2, op_type = 4, attribute = 5, domain = 7. */
export const node = (op: string, inputs: readonly string[], outputs: readonly string[], ...more: Buffer[]): Buffer =>
  message(1, ...inputs.map((i) => bytes(1, i)), ...outputs.map((o) => bytes(2, o)), bytes(4, op), ...more);

/** AttributeProto: name = 1, type = 20; a graph = 6, a tensor = 5. */
export const graphAttribute = (name: string, ...graph: Buffer[]): Buffer =>
  message(5, bytes(1, name), message(6, ...graph), int(20, 5));

/** ModelProto: ir_version = 1, graph = 7, opset_import = 8 { version = 2 }. GraphProto: node = 1, name = 2, initializer = 5, input = 11, output = 12. */
export const model = (...graph: Buffer[]): Buffer =>
  Buffer.concat([int(1, 8), message(7, ...graph, bytes(2, 'g')), message(8, bytes(1, ''), int(2, 13))]);

const float = 1;
const int64 = 7;
const i64 = (...values: bigint[]): Uint8Array => new Uint8Array(BigInt64Array.from(values).buffer);
const one = new Uint8Array(Float32Array.of(1).buffer);
export const xInput = value(11, 'x', float, [1, 4]);
export const yOutput = value(12, 'y', float, [1, 4]);

/** y = x + 1: a model without tricks. */
export const plain = (): Buffer =>
  model(node('Add', ['x', 'b'], ['y']), tensor(5, 'b', float, [1], one), xInput, yOutput);
/** Asks for 8 GiB at the first inference: ConstantOfShape of 2^31 floats. */
export const greedy = (): Buffer =>
  model(
    node('ConstantOfShape', ['shape'], ['big']),
    node('ReduceMax', ['big'], ['m'], message(5, bytes(1, 'keepdims'), int(3, 0), int(20, 2))),
    node('Add', ['x', 'm'], ['y']),
    tensor(5, 'shape', int64, [1], i64(2n ** 31n)),
    xInput,
    yOutput,
  );
/** Never ends: a Loop of 2^60 turns whose carried value the output needs. */
export const endless = (): Buffer =>
  model(
    node(
      'Loop',
      ['turns', '', 'x'],
      ['y'],
      graphAttribute(
        'body',
        node('Add', ['c', 'one'], ['c2']),
        node('Identity', ['k'], ['k2']),
        bytes(2, 'b'),
        tensor(5, 'one', float, [1], one),
        value(11, 'i', int64, []),
        value(11, 'k', 9, []),
        value(11, 'c', float, [1, 4]),
        value(12, 'k2', 9, []),
        value(12, 'c2', float, [1, 4]),
      ),
    ),
    tensor(5, 'turns', int64, [], i64(2n ** 60n)),
    xInput,
    yOutput,
  );
/** An op that no runtime has. */
export const unknownOp = (): Buffer => model(node('Frobnicate', ['x'], ['y']), xInput, yOutput);
/** A tensor whose data are shorter than its shape. */
export const shortTensor = (): Buffer =>
  model(node('Add', ['x', 'b'], ['y']), tensor(5, 'b', float, [1000], one), xInput, yOutput);
/** Weights in a file beside the model: data_location = 14 EXTERNAL, external_data = 13 { key = 1, value = 2 }. */
export const external = (location: string): Buffer =>
  model(
    node('Add', ['x', 'b'], ['y']),
    message(
      5,
      int(1, 1),
      int(2, float),
      bytes(8, 'b'),
      message(13, bytes(1, 'location'), bytes(2, location)),
      int(14, 1),
    ),
    xInput,
    yOutput,
  );
/** An operator of a domain that is not allowed. */
export const evilDomain = (): Buffer => model(node('Add', ['x', 'x'], ['y'], bytes(7, 'evil')), xInput, yOutput);
