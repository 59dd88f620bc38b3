import { readFileSync } from 'node:fs';
import { create, toBinary } from '@bufbuild/protobuf';
import type { TensorPack } from '@hilltop/contracts';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema, ValueInfoProtoSchema } from 'onnx-buf';
import { makeNode, type Node, type Tensor } from '../node.js';
import { sizeOf } from '../sizes.js';
import { DataType, float32Tensor } from '../tensor.js';

export interface ValueSpec {
  readonly name: string;
  readonly dims: readonly (number | string)[];
  readonly type?: DataType;
}

export interface ModelSpec {
  readonly nodes: readonly Node[];
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
  readonly initializers?: readonly Tensor[];
  readonly opset?: number;
  readonly irVersion?: number;
}

/** What a graph says of an input or output. */
export const valueInfo = ({ name, dims, type = DataType.FLOAT }: ValueSpec) =>
  create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: type,
          shape: {
            dim: dims.map((d) => ({
              value:
                typeof d === 'number'
                  ? { case: 'dimValue' as const, value: BigInt(d) }
                  : { case: 'dimParam' as const, value: d },
            })),
          },
        },
      },
    },
  });

/** A small model written in code. */
export function modelOf(spec: ModelSpec): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: BigInt(spec.irVersion ?? 8),
      producerName: 'test',
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(spec.opset ?? 13) })],
      graph: create(GraphProtoSchema, {
        name: 'test',
        node: [...spec.nodes],
        initializer: [...(spec.initializers ?? [])],
        input: spec.inputs.map(valueInfo),
        output: spec.outputs.map(valueInfo),
      }),
    }),
  );
}

/** Numbers in [-1, 1) that are the same every time: a linear congruential generator. */
export function randomFloats(count: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return ((state >>> 8) / 2 ** 24) * 2 - 1;
  });
}

/** A float weight of random values, scaled as layers are initialised. */
export function randomWeight(name: string, dims: readonly number[], seed: number, gain = 1): Tensor {
  const fan = sizeOf(dims) / (dims[0] ?? 1);
  return float32Tensor(
    name,
    dims,
    randomFloats(sizeOf(dims), seed).map((v) => (v * gain * 1.7) / Math.sqrt(fan)),
  );
}

/** Unlabelled float items. */
export function randomPack(items: number, dims: readonly number[], seed = 1): TensorPack {
  const data = randomFloats(items * sizeOf(dims), seed);
  return { items, inputs: [{ type: 'float32', dims, scale: 1, offset: 0, data: new Uint8Array(data.buffer) }] };
}

/**
 * A residual net like those people push: Conv, BatchNormalization, Relu, a residual Add, a depthwise Conv, Concat, pooling, Gemm.
 * Input `x` [N,3,8,8], output `y` [N,5].
 */
export function residualNet(): Uint8Array {
  const bn = (name: string, channels: number, seed: number): Tensor[] => [
    float32Tensor(
      `${name}.scale`,
      [channels],
      randomFloats(channels, seed).map((v) => 1 + v / 4),
    ),
    float32Tensor(
      `${name}.bias`,
      [channels],
      randomFloats(channels, seed + 1).map((v) => v / 4),
    ),
    float32Tensor(
      `${name}.mean`,
      [channels],
      randomFloats(channels, seed + 2).map((v) => v / 4),
    ),
    float32Tensor(
      `${name}.var`,
      [channels],
      randomFloats(channels, seed + 3).map((v) => 1 + v / 4),
    ),
  ];
  const norm = (name: string, input: string, output: string): Node =>
    makeNode(
      'BatchNormalization',
      [input, `${name}.scale`, `${name}.bias`, `${name}.mean`, `${name}.var`],
      [output],
      {},
      { name },
    );
  const pads = { pads: [1n, 1n, 1n, 1n], kernel_shape: [3n, 3n] };
  return modelOf({
    nodes: [
      makeNode('Conv', ['x', 'w1'], ['c1'], pads, { name: 'conv1' }),
      norm('bn1', 'c1', 'n1'),
      makeNode('Relu', ['n1'], ['r1']),
      makeNode('Conv', ['r1', 'w2'], ['c2'], pads, { name: 'conv2' }),
      norm('bn2', 'c2', 'n2'),
      makeNode('Add', ['n2', 'r1'], ['a']),
      makeNode('Relu', ['a'], ['r2']),
      makeNode('Conv', ['r2', 'w3', 'b3'], ['d'], { ...pads, group: 16 }, { name: 'depthwise' }),
      makeNode('Relu', ['d'], ['r3']),
      makeNode('MaxPool', ['r3'], ['m'], { kernel_shape: [2n, 2n], strides: [2n, 2n] }),
      makeNode('Conv', ['m', 'w4', 'b4'], ['p'], { kernel_shape: [1n, 1n] }, { name: 'pointwise' }),
      makeNode('Concat', ['p', 'm'], ['k'], { axis: 1 }),
      makeNode('GlobalAveragePool', ['k'], ['g']),
      makeNode('Flatten', ['g'], ['f']),
      makeNode('Gemm', ['f', 'w5', 'b5'], ['y'], { transB: 1 }, { name: 'head' }),
    ],
    inputs: [{ name: 'x', dims: ['N', 3, 8, 8] }],
    outputs: [{ name: 'y', dims: ['N', 5] }],
    initializers: [
      randomWeight('w1', [16, 3, 3, 3], 1),
      ...bn('bn1', 16, 10),
      randomWeight('w2', [16, 16, 3, 3], 2),
      ...bn('bn2', 16, 20),
      randomWeight('w3', [16, 1, 3, 3], 3),
      randomWeight('b3', [16], 4, 0.1),
      randomWeight('w4', [24, 16, 1, 1], 5),
      randomWeight('b4', [24], 6, 0.1),
      randomWeight('w5', [5, 40], 7),
      randomWeight('b5', [5], 8, 0.1),
    ],
  });
}

/** A file of examples/. */
export function example(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../../examples/${path}`, import.meta.url)));
}
