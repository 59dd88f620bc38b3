import { create } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  GraphProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { type AttributeValue, type Body, makeNode, type Node, type Tensor } from '../node.js';
import { DataType, float16Tensor, float32Tensor, int64Tensor, uint8Tensor } from '../tensor.js';
import { type ModelSpec, modelOf, randomFloats, randomWeight } from './models.js';

export const pads3 = { pads: [1n, 1n, 1n, 1n], kernel_shape: [3n, 3n] };
export const image = [{ name: 'x', dims: ['N', 3, 8, 8] }] as const;
export const scores = [{ name: 'y', dims: ['N', 5] }] as const;

/** Conv, Relu, GlobalAveragePool, Flatten, Gemm; `change` may replace anything, `conv` the first layer's attributes. */
export function smallNet(
  change: Partial<ModelSpec> & { conv?: Readonly<Record<string, AttributeValue>> } = {},
): ModelSpec {
  const { conv = pads3, ...rest } = change;
  return {
    nodes: [
      makeNode('Conv', ['x', 'w1', 'b1'], ['c1'], conv, { name: 'conv1' }),
      makeNode('Relu', ['c1'], ['r1']),
      makeNode('Conv', ['r1', 'w2'], ['c2'], pads3, { name: 'conv2' }),
      makeNode('Relu', ['c2'], ['r2']),
      makeNode('GlobalAveragePool', ['r2'], ['g']),
      makeNode('Flatten', ['g'], ['f']),
      makeNode('Gemm', ['f', 'w3', 'b3'], ['y'], { transB: 1 }, { name: 'head' }),
    ],
    inputs: image,
    outputs: scores,
    initializers: smallWeights(),
    ...rest,
  };
}

export const smallWeights = (): Tensor[] => [
  randomWeight('w1', [16, 3, 3, 3], 1),
  randomWeight('b1', [16], 2, 0.1),
  randomWeight('w2', [16, 16, 3, 3], 3),
  randomWeight('w3', [5, 16], 4, 2),
  randomWeight('b3', [5], 5, 0.1),
];

const graphAttribute = (node: Node, name: string, body: Body): void => {
  node.attribute.push(create(AttributeProtoSchema, { name, type: AttributeType.GRAPH, g: body }));
};

const asBool = (name: string, value: number): Tensor => {
  const tensor = uint8Tensor(name, [], Uint8Array.of(value));
  tensor.dataType = DataType.BOOL;
  return tensor;
};

/** The same net in each operator set, with the operators whose form changed between sets. */
export function netOfOpset(opset: number): Uint8Array {
  const ints = (name: string, values: readonly bigint[]): Tensor => int64Tensor(name, [values.length], values);
  const initializers = smallWeights();
  const operand = (
    from: number,
    name: string,
    values: readonly bigint[],
  ): { inputs: string[]; attributes: Record<string, AttributeValue> } => {
    if (opset < from) return { inputs: [], attributes: { [name]: values } };
    initializers.push(ints(`k.${name}${initializers.length}`, values));
    return { inputs: [initializers.at(-1)!.name], attributes: {} };
  };
  const pad = operand(11, 'pads', [0n, 0n, 1n, 1n, 0n, 0n, 1n, 1n]);
  const slice = [
    operand(10, 'starts', [0n, 1n]),
    // "To the end", as exporters write it.
    operand(10, 'ends', [2n ** 63n - 1n, 2n ** 63n - 1n]),
    operand(10, 'axes', [2n, 3n]),
  ];
  const squeeze = operand(13, 'axes', [2n, 3n]);
  if (opset >= 11)
    initializers.push(float32Tensor('lo', [], Float32Array.of(0)), float32Tensor('hi', [], Float32Array.of(6)));
  return modelOf({
    opset,
    irVersion: opset < 9 ? 3 : opset > 18 ? 10 : 7,
    nodes: [
      makeNode('Pad', ['x', ...pad.inputs], ['p'], { ...pad.attributes, mode: 'constant' }, { name: 'pad' }),
      makeNode('Conv', ['p', 'w1', 'b1'], ['c1'], { kernel_shape: [3n, 3n] }, { name: 'conv1' }),
      opset < 11
        ? makeNode('Clip', ['c1'], ['r1'], { min: { float: 0 }, max: { float: 6 } })
        : makeNode('Clip', ['c1', 'lo', 'hi'], ['r1']),
      makeNode(
        'Slice',
        ['r1', ...slice.flatMap((s) => s.inputs)],
        ['s'],
        Object.assign({}, ...slice.map((s) => s.attributes)),
      ),
      makeNode('Conv', ['s', 'w2'], ['c2'], pads3, { name: 'conv2' }),
      makeNode('Softmax', ['c2'], ['m'], { axis: 1 }),
      makeNode('Add', ['m', 'c2'], ['a']),
      makeNode('GlobalAveragePool', ['a'], ['g']),
      makeNode('Squeeze', ['g', ...squeeze.inputs], ['f'], squeeze.attributes),
      makeNode('Gemm', ['f', 'w3', 'b3'], ['y'], { transB: 1 }, { name: 'head' }),
    ],
    inputs: image,
    outputs: scores,
    initializers,
  });
}

export function ifNet(): Uint8Array {
  const branch = (output: string, seed: number): Body =>
    create(GraphProtoSchema, {
      name: output,
      node: [
        makeNode('Constant', [], [`v${seed}`], { value: randomWeight('', [48, 40], seed) }),
        makeNode('MatMul', ['e', `v${seed}`], [output]),
      ],
      output: [create(ValueInfoProtoSchema, { name: output })],
    });
  const node = makeNode('If', ['c'], ['h'], {}, { name: 'either' });
  graphAttribute(node, 'then_branch', branch('t', 1));
  graphAttribute(node, 'else_branch', branch('e2', 2));
  return modelOf({
    nodes: [
      makeNode('MatMul', ['x', 'w0'], ['e'], {}, { name: 'outer' }),
      node,
      makeNode('MatMul', ['h', 'w9'], ['y'], {}, { name: 'last' }),
    ],
    inputs: [{ name: 'x', dims: ['N', 48] }],
    outputs: [{ name: 'y', dims: ['N', 8] }],
    initializers: [randomWeight('w0', [48, 48], 7), randomWeight('w9', [40, 8], 8), asBool('c', 1)],
  });
}

export function loopNet(): Uint8Array {
  const info = (name: string, elemType: DataType, dims: readonly bigint[]) =>
    create(ValueInfoProtoSchema, {
      name,
      type: {
        value: {
          case: 'tensorType',
          value: { elemType, shape: { dim: dims.map((value) => ({ value: { case: 'dimValue' as const, value } })) } },
        },
      },
    });
  const body = create(GraphProtoSchema, {
    name: 'body',
    node: [
      makeNode('MatMul', ['state', 'w'], ['moved']),
      makeNode('Tanh', ['moved'], ['next']),
      makeNode('Identity', ['go'], ['on']),
    ],
    initializer: [randomWeight('w', [32, 32], 3)],
    input: [
      info('i', DataType.INT64, []),
      info('go', DataType.BOOL, []),
      create(ValueInfoProtoSchema, { name: 'state' }),
    ],
    output: [create(ValueInfoProtoSchema, { name: 'on' }), create(ValueInfoProtoSchema, { name: 'next' })],
  });
  const node = makeNode('Loop', ['trips', 'yes', 'e'], ['l'], {}, { name: 'loop' });
  graphAttribute(node, 'body', body);
  return modelOf({
    nodes: [
      makeNode('MatMul', ['x', 'w0'], ['e'], {}, { name: 'in' }),
      node,
      makeNode('MatMul', ['l', 'w1'], ['y'], {}, { name: 'out' }),
    ],
    inputs: [{ name: 'x', dims: ['N', 32] }],
    outputs: [{ name: 'y', dims: ['N', 8] }],
    initializers: [
      randomWeight('w0', [32, 32], 1),
      randomWeight('w1', [32, 8], 2),
      int64Tensor('trips', [], [3n]),
      asBool('yes', 1),
    ],
  });
}

/** One head of attention and a feed-forward layer; shapes are computed from the input, as exporters do. */
export function attention(): Uint8Array {
  const d = 32;
  const w = (name: string, dims: number[], seed: number) => randomWeight(name, dims, seed);
  return modelOf({
    opset: 17,
    nodes: [
      makeNode('LayerNormalization', ['x', 'ln.s', 'ln.b'], ['n'], { axis: -1 }),
      makeNode('MatMul', ['n', 'wq'], ['q'], {}, { name: 'query' }),
      makeNode('MatMul', ['n', 'wk'], ['k'], {}, { name: 'key' }),
      makeNode('MatMul', ['n', 'wv'], ['v'], {}, { name: 'value' }),
      makeNode('Transpose', ['k'], ['kt'], { perm: [0n, 2n, 1n] }),
      makeNode('MatMul', ['q', 'kt'], ['s'], {}, { name: 'scores' }),
      makeNode('Mul', ['s', 'scale'], ['s2']),
      makeNode('Softmax', ['s2'], ['p'], { axis: -1 }),
      makeNode('MatMul', ['p', 'v'], ['o'], {}, { name: 'mix' }),
      makeNode('MatMul', ['o', 'wo'], ['o2'], {}, { name: 'out' }),
      makeNode('Add', ['o2', 'x'], ['h']),
      makeNode('Shape', ['h'], ['shape']),
      makeNode('Gather', ['shape', 'zero'], ['batch'], { axis: 0 }),
      makeNode('Concat', ['batch', 'rest'], ['flat'], { axis: 0 }),
      makeNode('Reshape', ['h', 'flat'], ['f']),
      makeNode('Gemm', ['f', 'w1', 'b1'], ['y'], {}, { name: 'head' }),
    ],
    inputs: [{ name: 'x', dims: ['N', 4, d] }],
    outputs: [{ name: 'y', dims: ['N', 6] }],
    initializers: [
      float32Tensor('ln.s', [d], new Float32Array(d).fill(1)),
      float32Tensor('ln.b', [d], new Float32Array(d)),
      w('wq', [d, d], 1),
      w('wk', [d, d], 2),
      w('wv', [d, d], 3),
      w('wo', [d, d], 4),
      w('w1', [4 * d, 6], 5),
      w('b1', [6], 6),
      float32Tensor('scale', [], Float32Array.of(1 / Math.sqrt(d))),
      int64Tensor('zero', [1], [0n]),
      int64Tensor('rest', [1], [BigInt(4 * d)]),
    ],
  });
}

export function recurrent(): Uint8Array {
  const [steps, input, hidden] = [6, 16, 24];
  return modelOf({
    nodes: [
      makeNode('Transpose', ['x'], ['t'], { perm: [1n, 0n, 2n] }),
      makeNode('LSTM', ['t', 'W', 'R', 'B'], ['', 'hn'], { hidden_size: hidden }, { name: 'lstm' }),
      makeNode('Squeeze', ['hn', 'axis'], ['h']),
      makeNode('Gemm', ['h', 'w', 'b'], ['y'], {}, { name: 'head' }),
    ],
    inputs: [{ name: 'x', dims: ['N', steps, input] }],
    outputs: [{ name: 'y', dims: ['N', 4] }],
    initializers: [
      randomWeight('W', [1, 4 * hidden, input], 1),
      randomWeight('R', [1, 4 * hidden, hidden], 2),
      randomWeight('B', [1, 8 * hidden], 3, 0.1),
      int64Tensor('axis', [1], [0n]),
      randomWeight('w', [hidden, 4], 4),
      randomWeight('b', [4], 5),
    ],
  });
}

/** Hard-swish as old exporters spelled it, a squeeze-and-excitation branch, depthwise and grouped convolutions. */
export function mobileNet(): Uint8Array {
  const c = (name: string, value: number) => float32Tensor(name, [], Float32Array.of(value));
  return modelOf({
    nodes: [
      makeNode('Conv', ['x', 'w1', 'b1'], ['c1'], { ...pads3, strides: [2n, 2n] }, { name: 'stem' }),
      makeNode('Add', ['c1', 'three'], ['a1']),
      makeNode('Clip', ['a1', 'zero', 'six'], ['k1']),
      makeNode('Mul', ['c1', 'k1'], ['m1']),
      makeNode('Div', ['m1', 'six'], ['h1']),
      makeNode('Conv', ['h1', 'w2', 'b2'], ['d'], { ...pads3, group: 16 }, { name: 'depthwise' }),
      makeNode('GlobalAveragePool', ['d'], ['g']),
      makeNode('Conv', ['g', 'w3'], ['se1'], { kernel_shape: [1n, 1n] }, { name: 'squeeze' }),
      makeNode('Relu', ['se1'], ['se2']),
      makeNode('Conv', ['se2', 'w4'], ['se3'], { kernel_shape: [1n, 1n] }, { name: 'excite' }),
      makeNode('HardSigmoid', ['se3'], ['se4'], { alpha: { float: 0.2 }, beta: { float: 0.5 } }),
      makeNode('Mul', ['d', 'se4'], ['e']),
      makeNode('Conv', ['e', 'w5'], ['gr'], { ...pads3, group: 4 }, { name: 'grouped' }),
      makeNode('Conv', ['gr', 'w6', 'b6'], ['pw'], { kernel_shape: [1n, 1n] }, { name: 'pointwise' }),
      makeNode('ReduceMean', ['pw'], ['r'], { axes: [2n, 3n], keepdims: 0 }),
      makeNode('MatMul', ['r', 'w7'], ['mm'], {}, { name: 'head' }),
      makeNode('Add', ['mm', 'b7'], ['y']),
    ],
    inputs: image,
    outputs: scores,
    initializers: [
      randomWeight('w1', [16, 3, 3, 3], 1),
      randomWeight('b1', [16], 2, 0.1),
      randomWeight('w2', [16, 1, 3, 3], 3),
      randomWeight('b2', [16], 4, 0.1),
      randomWeight('w3', [8, 16, 1, 1], 5),
      randomWeight('w4', [16, 8, 1, 1], 6),
      randomWeight('w5', [16, 4, 3, 3], 7),
      randomWeight('w6', [24, 16, 1, 1], 8),
      randomWeight('b6', [24], 9, 0.1),
      randomWeight('w7', [24, 5], 10, 2),
      randomWeight('b7', [5], 11, 0.1),
      c('three', 3),
      c('zero', 0),
      c('six', 6),
    ],
  });
}

/** A net whose first layer is turned around again: ConvTranspose, 1-D convolution, several outputs, one of them read inside. */
export function severalOutputs(): Uint8Array {
  return modelOf({
    nodes: [
      makeNode('Conv', ['x', 'w1'], ['c'], { pads: [1n, 1n], strides: [2n] }, { name: 'conv1d' }),
      makeNode('Relu', ['c'], ['inner']),
      makeNode('ConvTranspose', ['inner', 'w2'], ['up'], { strides: [2n], kernel_shape: [2n] }, { name: 'back' }),
      makeNode('Identity', ['x'], ['same']),
    ],
    inputs: [{ name: 'x', dims: ['N', 4, 16] }],
    outputs: [
      { name: 'up', dims: ['N', 4, 16] },
      { name: 'inner', dims: ['N', 12, 8] },
      { name: 'same', dims: ['N', 4, 16] },
    ],
    initializers: [randomWeight('w1', [12, 4, 3], 1), randomWeight('w2', [12, 4, 2], 2)],
  });
}

export function halfPrecision(): Uint8Array {
  const half = (name: string, dims: readonly number[], seed: number): Tensor =>
    float16Tensor(
      name,
      dims,
      randomFloats(
        dims.reduce((p, d) => p * d, 1),
        seed,
      ).map((v) => v / 4),
    );
  return modelOf({
    nodes: [
      makeNode('Cast', ['x'], ['xh'], { to: DataType.FLOAT16 }),
      makeNode('MatMul', ['xh', 'w1'], ['h'], {}, { name: 'half1' }),
      makeNode('Relu', ['h'], ['r']),
      makeNode('MatMul', ['r', 'w2'], ['yh'], {}, { name: 'half2' }),
      makeNode('Cast', ['yh'], ['y'], { to: DataType.FLOAT }),
    ],
    inputs: [{ name: 'x', dims: ['N', 32] }],
    outputs: [{ name: 'y', dims: ['N', 8] }],
    initializers: [half('w1', [32, 48], 1), half('w2', [48, 8], 2)],
  });
}
