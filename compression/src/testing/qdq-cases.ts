import type { TensorPack } from '@hilltop/contracts';
import { randomPack } from './models.js';
import { QdqBuilder } from './qdq-builder.js';

export interface QdqCase {
  readonly model: Uint8Array;
  /** Random items that fill the range of the one input. */
  items(count: number, seed: number): TensorPack;
}

type Make = (b: QdqBuilder) => {
  output: string;
  dims: readonly number[];
  item: readonly number[];
  opset?: number;
  /** Items lie in [-range, range]; default 1. */
  range?: number;
};

const pads = (...values: number[]): { pads: bigint[] } => ({ pads: values.map(BigInt) });
const ints = (...values: number[]): bigint[] => values.map(BigInt);

/** A convolution over [1, channels, size, size] with chance for stride, dilation, padding and groups. */
function conv(
  b: QdqBuilder,
  options: { groups: number; per: number; outputs: number; size?: number },
): ReturnType<Make> {
  const { groups, per, outputs, size = 11 } = options;
  const item = [groups * per, size, size + 2];
  const x = b.input([1, ...item]);
  const [kh, kw] = [1 + b.below(3), 1 + b.below(3)];
  const [stride, dilation] = [1 + b.below(2), 1 + b.below(2)];
  const [top, left, bottom, right] = [b.below(kh), b.below(kw), b.below(kh), b.below(kw)] as const;
  const { name, scales } = b.weight([outputs, per, kh, kw], per * kh * kw, b.below(2) ? 0 : undefined);
  const inputs = b.below(3) ? [x, name, b.bias(outputs, x, scales)] : [x, name];
  const y = b.node('Conv', inputs, {
    kernel_shape: ints(kh, kw),
    strides: ints(stride, stride),
    dilations: ints(dilation, dilation),
    group: groups,
    ...pads(top, left, bottom, right),
  });
  const out = (input: number, kernel: number, pad: number): number =>
    Math.floor((input + pad - dilation * (kernel - 1) - 1) / stride) + 1;
  const dims = [1, outputs, out(size, kh, top + bottom), out(size + 2, kw, left + right)];
  return { output: y, dims, item };
}

/** The same, quantized over about the range such results have. */
const rounded = (b: QdqBuilder, made: ReturnType<Make>, low = -2, high = 2): ReturnType<Make> => ({
  ...made,
  output: b.quantized(made.output, low, high),
});

function dense(b: QdqBuilder, x: string, inputs: number, outputs: number, op: 'Gemm' | 'MatMul'): string {
  const transB = op === 'Gemm' ? b.below(2) : 0;
  const dims = transB ? [outputs, inputs] : [inputs, outputs];
  const { name, scales } = b.weight(dims, inputs, b.below(2) ? 1 - transB : undefined);
  return op === 'Gemm'
    ? b.node('Gemm', [x, name, b.bias(outputs, x, scales)], { transB })
    : b.node('MatMul', [x, name]);
}

const pool =
  (op: 'MaxPool' | 'AveragePool', attributes: Record<string, number> = {}): Make =>
  (b) => {
    const item = [7, 10, 9];
    const [kh, kw, stride] = [2 + b.below(2), 2 + b.below(2), 1 + b.below(2)];
    const [top, left] = [b.below(kh), b.below(kw)];
    const x = b.input([1, ...item]);
    const y = b.node(op, [x], {
      kernel_shape: ints(kh, kw),
      strides: ints(stride, stride),
      ...pads(top, left, top, left),
      ...attributes,
    });
    const out = (size: number, kernel: number, pad: number): number => {
      const steps = (size + 2 * pad - kernel) / stride;
      const up = attributes['ceil_mode'] ? Math.ceil(steps) : Math.floor(steps);
      // The last window of ceil_mode begins inside input or padding in front.
      return up * stride >= size + pad ? up : up + 1;
    };
    return rounded(b, { output: y, dims: [1, 7, out(10, kh, top), out(9, kw, left)], item }, -0.9, 0.9);
  };

interface Unary {
  readonly attributes?: Record<string, { float: number } | string>;
  /** Range of the result, about. */
  readonly to?: readonly [low: number, high: number];
  /** Where the function is not defined below 0 its input has no such values. */
  readonly positive?: boolean;
  readonly opset?: number;
}

const unary =
  (op: string, { attributes = {}, to = [-1, 1], positive = false, opset = 13 }: Unary = {}): Make =>
  (b) => {
    const item = [5, 9, 9];
    const y = b.node(op, [b.input([1, ...item], positive ? 0 : -4, 4)], attributes);
    return { ...rounded(b, { output: y, dims: [1, ...item], item }, ...to), range: 4.5, opset };
  };

/** Functions of one value: all a table of 256 entries. */
const unaries: Readonly<Record<string, Make>> = {
  Abs: unary('Abs', { to: [0, 4] }),
  Ceil: unary('Ceil', { to: [-4, 4] }),
  Celu: unary('Celu', { attributes: { alpha: { float: 0.7 } }, to: [-1, 4] }),
  Cos: unary('Cos'),
  Elu: unary('Elu', { to: [-1, 4] }),
  Erf: unary('Erf'),
  Exp: unary('Exp', { to: [0, 40] }),
  Floor: unary('Floor', { to: [-4, 4] }),
  Gelu: unary('Gelu', { to: [-0.2, 4], opset: 20 }),
  'Gelu by tanh': unary('Gelu', { attributes: { approximate: 'tanh' }, to: [-0.2, 4], opset: 20 }),
  HardSigmoid: unary('HardSigmoid', { to: [0, 1] }),
  HardSwish: unary('HardSwish', { to: [-0.4, 4], opset: 14 }),
  LeakyRelu: unary('LeakyRelu', { attributes: { alpha: { float: 0.1 } }, to: [-0.4, 4] }),
  Log: unary('Log', { to: [-3, 2], positive: true }),
  Mish: unary('Mish', { to: [-0.4, 4], opset: 18 }),
  Neg: unary('Neg', { to: [-4, 4] }),
  Reciprocal: unary('Reciprocal', { to: [0, 8], positive: true }),
  Round: unary('Round', { to: [-4, 4] }),
  Selu: unary('Selu', { to: [-2, 4] }),
  Sigmoid: unary('Sigmoid', { to: [0, 1] }),
  Sign: unary('Sign'),
  Sin: unary('Sin'),
  Softplus: unary('Softplus', { to: [0, 4] }),
  Softsign: unary('Softsign'),
  Sqrt: unary('Sqrt', { to: [0, 2], positive: true }),
  Tanh: unary('Tanh'),
  ThresholdedRelu: unary('ThresholdedRelu', { to: [0, 4] }),
};

/** Two tensors of one shape, the second from the first by a convolution. */
function two(b: QdqBuilder, item: readonly number[]): [string, string] {
  const x = b.input([1, ...item]);
  const { name } = b.weight([item[0]!, item[0]!, 1, 1], item[0]!, 0);
  return [x, b.quantized(b.node('Conv', [x, name], { kernel_shape: ints(1, 1) }), -2, 2)];
}

const binary =
  (op: string): Make =>
  (b) => {
    const item = [6, 8, 7];
    return rounded(b, { output: b.node(op, two(b, item)), dims: [1, ...item], item });
  };

/** Every operator a plan knows, in small graphs with one input. */
export const qdqCases: Readonly<Record<string, Make>> = {
  conv: (b) => rounded(b, conv(b, { groups: 1, per: 1 + b.below(9), outputs: 1 + b.below(9) })),
  'grouped conv': (b) => rounded(b, conv(b, { groups: 2, per: 3, outputs: 10 })),
  'depthwise conv': (b) => rounded(b, conv(b, { groups: 6, per: 1, outputs: 6 })),
  'depthwise conv with a multiplier': (b) => rounded(b, conv(b, { groups: 5, per: 1, outputs: 10 })),
  'conv and Relu': (b) => {
    const made = conv(b, { groups: 1, per: 4, outputs: 8 });
    return rounded(b, { ...made, output: b.node('Relu', [made.output]) }, -0.5, 2);
  },
  'conv and Clip': (b) => {
    const made = conv(b, { groups: 1, per: 4, outputs: 8 });
    const output = b.node('Clip', [made.output, b.number(-0.3), b.number(0.7)]);
    return rounded(b, { ...made, output });
  },
  'conv with SAME padding': (b) => {
    const item = [3, 9, 9];
    const { name } = b.weight([4, 3, 3, 3], 27, 0);
    const auto_pad = b.below(2) ? 'SAME_UPPER' : 'SAME_LOWER';
    const y = b.node('Conv', [b.input([1, ...item]), name], {
      auto_pad,
      strides: ints(2, 2),
      kernel_shape: ints(3, 3),
    });
    return rounded(b, { output: y, dims: [1, 4, 5, 5], item });
  },
  'conv over one axis': (b) => {
    const item = [4, 33];
    const { name } = b.weight([6, 4, 5], 20, 0);
    const y = b.node('Conv', [b.input([1, ...item]), name], { ...pads(2, 2), kernel_shape: ints(5) });
    return rounded(b, { output: y, dims: [1, 6, 33], item });
  },
  Gemm: (b) => rounded(b, { output: dense(b, b.input([1, 37]), 37, 90, 'Gemm'), dims: [1, 90], item: [37] }),
  MatMul: (b) => rounded(b, { output: dense(b, b.input([1, 64]), 64, 70, 'MatMul'), dims: [1, 70], item: [64] }),
  'MatMul of rows': (b) => {
    const y = dense(b, b.input([1, 5, 18]), 18, 23, 'MatMul');
    return rounded(b, { output: y, dims: [1, 5, 23], item: [5, 18] });
  },
  'MatMul and Add': (b) => {
    const y = b.node('Add', [b.quantized(dense(b, b.input([1, 40]), 40, 80, 'MatMul'), -2, 2), b.constant([80])]);
    return rounded(b, { output: y, dims: [1, 80], item: [40] });
  },
  'Flatten and Gemm': (b) => {
    const made = rounded(b, conv(b, { groups: 1, per: 2, outputs: 5, size: 6 }));
    const count = made.dims.reduce((p, d) => p * d, 1);
    const flat = b.node('Flatten', [made.output]);
    return rounded(b, { output: dense(b, flat, count, 60, 'Gemm'), dims: [1, 60], item: made.item });
  },
  'a Gemm that stays float': (b) => {
    const made = rounded(b, conv(b, { groups: 1, per: 2, outputs: 5, size: 6 }));
    const count = made.dims.reduce((p, d) => p * d, 1);
    const flat = b.node('Reshape', [made.output, b.integers([1, -1])]);
    return { output: dense(b, flat, count, 60, 'Gemm'), dims: [1, 60], item: made.item };
  },
  Add: binary('Add'),
  Sub: binary('Sub'),
  Mul: binary('Mul'),
  'Add and Relu': (b) => {
    const item = [6, 8, 7];
    return rounded(b, { output: b.node('Relu', [b.node('Add', two(b, item))]), dims: [1, ...item], item }, 0, 2);
  },
  'Add of a constant': (b) => {
    const item = [6, 8, 7];
    const y = b.node('Add', [b.input([1, ...item]), b.constant([6, 1, 1])]);
    return rounded(b, { output: y, dims: [1, ...item], item });
  },
  'Mul of a scale for each channel': (b) => {
    const item = [6, 8, 7];
    const x = b.input([1, ...item]);
    const scale = b.quantized(b.node('Sigmoid', [b.quantized(b.node('GlobalAveragePool', [x]), -0.3, 0.3)]), 0, 1);
    return rounded(b, { output: b.node('Mul', [scale, x]), dims: [1, ...item], item }, -1, 1);
  },
  MaxPool: pool('MaxPool'),
  'MaxPool rounding up': pool('MaxPool', { ceil_mode: 1 }),
  AveragePool: pool('AveragePool'),
  'AveragePool with padding counted': pool('AveragePool', { count_include_pad: 1 }),
  GlobalAveragePool: (b) => {
    const item = [70, 5, 7];
    const y = b.node('GlobalAveragePool', [b.input([1, ...item])]);
    return rounded(b, { output: y, dims: [1, 70, 1, 1], item }, -0.4, 0.4);
  },
  ReduceMean: (b) => {
    const item = [70, 5, 7];
    const y = b.node('ReduceMean', [b.input([1, ...item])], { axes: ints(2, 3), keepdims: 0 });
    return rounded(b, { output: y, dims: [1, 70], item }, -0.4, 0.4);
  },
  ...unaries,
  'a hard swish of parts': (b) => {
    const item = [5, 9, 9];
    const x = b.input([1, ...item], -4, 4);
    const inner = b.node('Clip', [b.node('Add', [x, b.number(3)]), b.number(0), b.number(6)]);
    const y = b.node('Div', [b.node('Mul', [x, inner]), b.number(6)]);
    return { ...rounded(b, { output: y, dims: [1, ...item], item }, -0.4, 4), range: 4.5 };
  },
  Softmax: (b) => {
    const item = [6, 40];
    const y = b.node('Softmax', [b.input([1, ...item], -5, 5)], { axis: -1 });
    const output = b.withAffine(y, { scale: 1 / 256, zeroPoint: b.type === 'uint8' ? 0 : -128 });
    return { output, dims: [1, ...item], item };
  },
  'a Gemm and a Softmax that stay float': (b) => {
    const y = b.node('Softmax', [dense(b, b.input([1, 37]), 37, 60, 'Gemm')], { axis: -1 });
    return { output: y, dims: [1, 60], item: [37] };
  },
  'a Softmax of rows that gives floats': (b) => {
    const item = [6, 40];
    return {
      output: b.node('Softmax', [b.input([1, ...item], -5, 5)], { axis: 1 }),
      dims: [1, ...item],
      item,
      range: 5,
    };
  },
  Concat: (b) => {
    const item = [6, 8, 7];
    const [x, y] = two(b, item);
    return rounded(b, { output: b.node('Concat', [x, y, x], { axis: 1 }), dims: [1, 18, 8, 7], item });
  },
  'Concat of many': (b) => {
    const item = [2, 4, 7];
    const [x, y] = two(b, item);
    const joined = b.node('Concat', [x, y, x, y, y, x, x, b.constant([1, 2, 1, 7]), y], { axis: 2 });
    return rounded(b, { output: joined, dims: [1, 2, 33, 7], item });
  },
  Transpose: (b) => {
    const made = rounded(b, conv(b, { groups: 1, per: 3, outputs: 4 }));
    const [n, c, h, w] = made.dims as [number, number, number, number];
    const y = b.node('Transpose', [made.output], { perm: ints(0, 3, 2, 1) });
    return rounded(b, { output: y, dims: [n, w, h, c], item: made.item });
  },
  'Reshape that mixes axes': (b) => {
    const made = rounded(b, conv(b, { groups: 1, per: 3, outputs: 4 }));
    const [, c, h, w] = made.dims as [number, number, number, number];
    const y = b.node('Reshape', [made.output, b.integers([1, h, c * w])]);
    return rounded(b, { output: y, dims: [1, h, c * w], item: made.item });
  },
  Pad: (b) => {
    const made = rounded(b, conv(b, { groups: 1, per: 3, outputs: 4 }));
    const [, c, h, w] = made.dims as [number, number, number, number];
    const y = b.node('Pad', [made.output, b.integers([0, 0, 1, 2, 0, 1, 0, 3])]);
    return rounded(b, { output: y, dims: [1, c + 1, h + 1, w + 5], item: made.item });
  },
};

export const qdqCaseNames = Object.keys(qdqCases);
/** Those of one value, each a table in its plan. */
export const unaryCaseNames = Object.keys(unaries);

/** The graph of a case for one seed and type of activations. */
export function qdqCase(name: string, seed: number, type: 'uint8' | 'int8' = 'uint8'): QdqCase {
  const b = new QdqBuilder(seed, type);
  const { output, dims, item, opset, range = 1 } = qdqCases[name]!(b);
  return {
    model: b.finish(output, dims, opset),
    items(count, packSeed) {
      const pack = randomPack(count, item, packSeed);
      return { ...pack, inputs: pack.inputs.map((input) => ({ ...input, scale: range })) };
    },
  };
}
