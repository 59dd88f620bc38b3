/**
 * The messages of onnx.proto (ONNX 1.20) as far as an untrusted file has to be walked: which field holds which message.
 * Fields not listed are scalars, strings or unknown: their lengths are checked, their content is left alone.
 */
export type MessageName =
  | 'model'
  | 'graph'
  | 'node'
  | 'attribute'
  | 'tensor'
  | 'sparse'
  | 'segment'
  | 'value'
  | 'type'
  | 'tensorType'
  | 'boxType'
  | 'mapType'
  | 'shape'
  | 'dim'
  | 'opset'
  | 'function'
  | 'training'
  | 'entry'
  | 'annotation'
  | 'device'
  | 'nodeDevice'
  | 'sharding'
  | 'shardedDim'
  | 'simpleDim'
  | 'intList';

export interface MessageShape {
  /** Field number -> message in it. */
  readonly children: Readonly<Record<number, MessageName>>;
  /** Fields that may occur once. A second one would be merged by a decoder behind the checker's back. */
  readonly once: readonly number[];
}

export const messageShapes = {
  model: {
    children: { 7: 'graph', 8: 'opset', 14: 'entry', 20: 'training', 25: 'function', 26: 'device' },
    once: [1, 2, 3, 4, 5, 6, 7],
  },
  graph: {
    children: {
      1: 'node',
      5: 'tensor',
      11: 'value',
      12: 'value',
      13: 'value',
      14: 'annotation',
      15: 'sparse',
      16: 'entry',
    },
    once: [2, 10],
  },
  node: { children: { 5: 'attribute', 9: 'entry', 10: 'nodeDevice' }, once: [3, 4, 6, 7, 8] },
  attribute: {
    children: {
      5: 'tensor',
      6: 'graph',
      10: 'tensor',
      11: 'graph',
      14: 'type',
      15: 'type',
      22: 'sparse',
      23: 'sparse',
    },
    once: [1, 2, 3, 4, 5, 6, 13, 14, 20, 21, 22],
  },
  tensor: { children: { 3: 'segment', 13: 'entry', 16: 'entry' }, once: [2, 3, 8, 9, 12, 14] },
  sparse: { children: { 1: 'tensor', 2: 'tensor' }, once: [1, 2] },
  segment: { children: {}, once: [1, 2] },
  value: { children: { 2: 'type', 4: 'entry' }, once: [1, 2, 3] },
  type: {
    children: { 1: 'tensorType', 4: 'boxType', 5: 'mapType', 8: 'tensorType', 9: 'boxType' },
    once: [1, 4, 5, 6, 8, 9],
  },
  tensorType: { children: { 2: 'shape' }, once: [1, 2] },
  boxType: { children: { 1: 'type' }, once: [1] },
  mapType: { children: { 2: 'type' }, once: [1, 2] },
  shape: { children: { 1: 'dim' }, once: [] },
  dim: { children: {}, once: [1, 2, 3] },
  opset: { children: {}, once: [1, 2] },
  function: { children: { 7: 'node', 9: 'opset', 11: 'attribute', 12: 'value', 14: 'entry' }, once: [1, 8, 10, 13] },
  training: { children: { 1: 'graph', 2: 'graph', 3: 'entry', 4: 'entry' }, once: [1, 2] },
  entry: { children: {}, once: [] },
  annotation: { children: { 2: 'entry' }, once: [1] },
  device: { children: {}, once: [] },
  nodeDevice: { children: { 2: 'sharding' }, once: [] },
  sharding: { children: { 3: 'intList', 4: 'shardedDim' }, once: [] },
  shardedDim: { children: { 2: 'simpleDim' }, once: [] },
  simpleDim: { children: {}, once: [] },
  intList: { children: {}, once: [] },
} as const satisfies Record<MessageName, MessageShape>;

/** TensorProto.DataType: code -> name, bits of one element in raw_data (0: none), and the field that holds it otherwise. */
export interface ElementType {
  readonly name: string;
  readonly bits: number;
  /** Field number of the typed values and how many of them one element takes. */
  readonly field: 4 | 5 | 6 | 7 | 10 | 11;
  readonly perElement: number;
  /** Whether it can hold a weight: counts as a parameter. */
  readonly weight: boolean;
}

const row = (name: string, bits: number, field: ElementType['field'], perElement = 1, weight = true): ElementType => ({
  name,
  bits,
  field,
  perElement,
  weight,
});

export const elementTypes: Readonly<Record<number, ElementType>> = {
  1: row('float32', 32, 4),
  2: row('uint8', 8, 5),
  3: row('int8', 8, 5),
  4: row('uint16', 16, 5),
  5: row('int16', 16, 5),
  6: row('int32', 32, 5, 1, false),
  7: row('int64', 64, 7, 1, false),
  8: row('string', 0, 6, 1, false),
  9: row('bool', 8, 5, 1, false),
  10: row('float16', 16, 5),
  11: row('float64', 64, 10),
  12: row('uint32', 32, 11, 1, false),
  13: row('uint64', 64, 11, 1, false),
  14: row('complex64', 64, 4, 2),
  15: row('complex128', 128, 10, 2),
  16: row('bfloat16', 16, 5),
  17: row('float8e4m3fn', 8, 5),
  18: row('float8e4m3fnuz', 8, 5),
  19: row('float8e5m2', 8, 5),
  20: row('float8e5m2fnuz', 8, 5),
  // Two (four) values share one byte, and one int32 of the typed field.
  21: row('uint4', 4, 5, 0.5),
  22: row('int4', 4, 5, 0.5),
  23: row('float4e2m1', 4, 5, 0.5),
  24: row('float8e8m0', 8, 5),
  25: row('uint2', 2, 5, 0.25),
  26: row('int2', 2, 5, 0.25),
};
