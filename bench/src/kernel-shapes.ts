import { mulberry32 } from '@hilltop/contracts';
import { bytes, int, message, model, node, tensor, value } from '../../test/support/onnx.js';
import { ints } from './conv-net.js';

/** A layer that is measured alone. Sizes: height = width = `size`; a dense layer has none. */
export type KernelShape = {
  readonly name: KernelName;
  readonly title: string;
  readonly inputs: number;
  readonly outputs: number;
} & (
  | { readonly kind: 'conv' | 'depthwise'; readonly size: number; readonly kernel: number }
  | { readonly kind: 'dense' }
);

export type KernelName = 'conv' | 'dense' | 'depthwise';

/** The shapes that CMSIS-NN was counted with, too (kernel-anchors.ts); padding keeps the size, stride 1. */
export const kernelShapes: readonly KernelShape[] = [
  {
    name: 'conv',
    title: 'conv 3x3, 16x16x16 -> 16',
    kind: 'conv',
    size: 16,
    kernel: 3,
    inputs: 16,
    outputs: 16,
  },
  { name: 'dense', title: 'fully connected 256 -> 64', kind: 'dense', inputs: 256, outputs: 64 },
  {
    name: 'depthwise',
    title: 'depthwise 3x3, 16x16x16',
    kind: 'depthwise',
    size: 16,
    kernel: 3,
    inputs: 16,
    outputs: 16,
  },
];

/** Weights that meet a pixel along one axis, over all places of the kernel: those over the padding do not count. */
export function tapsInside(size: number, kernel: number): number {
  const before = (kernel - 1) >> 1;
  let taps = 0;
  for (let at = 0; at < size; at++)
    for (let k = 0; k < kernel; k++) if (at + k >= before && at + k - before < size) taps++;
  return taps;
}

/** Multiply-accumulates a layer needs: what is multiplied with padding is no work anybody asked for. */
export function realMacs(shape: KernelShape): number {
  if (shape.kind === 'dense') return shape.inputs * shape.outputs;
  const perOutput = tapsInside(shape.size, shape.kernel) ** 2;
  return perOutput * shape.outputs * (shape.kind === 'conv' ? shape.inputs : 1);
}

const onnx = { float: 1, int8: 3, int32: 6 } as const;
const axis0 = message(5, bytes(1, 'axis'), int(3, 0), int(20, 2));
const inputAffine = { scale: 0.02, zero: -5 };

/**
 * The layer as a QDQ model with random int8 weights and one scale per output, as the recipes of static quantization write it: float `x` in,
 * float `y` out. The same bytes every time.
 */
export function kernelModel(shape: KernelShape): Uint8Array {
  const random = mulberry32(7);
  const integer = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const { inputs, outputs } = shape;
  const spatial = shape.kind === 'dense' ? [] : [shape.size, shape.size];
  const fan = shape.kind === 'dense' ? [inputs] : [shape.kind === 'conv' ? inputs : 1, shape.kernel, shape.kernel];
  const row = fan.reduce((product, d) => product * d, 1);
  const scales = Float32Array.from({ length: outputs }, () => 0.01 * (1 + random() / 2));
  // Uniform on -127..127 both: a sum of `row` products deviates by 73.6 * 73.6 * sqrt(row), and the output's range holds twice that.
  const outputScale = (inputAffine.scale * 0.0125 * 73.6 ** 2 * Math.sqrt(row)) / 64;
  const constants: Buffer[] = [];
  const floats = (name: string, dims: readonly number[], values: Float32Array): string => {
    constants.push(tensor(5, name, onnx.float, dims, new Uint8Array(values.buffer)));
    return name;
  };
  const int8s = (name: string, dims: readonly number[], values: Int8Array): string => {
    constants.push(tensor(5, name, onnx.int8, dims, new Uint8Array(values.buffer)));
    return name;
  };
  const bias = Int32Array.from({ length: outputs }, () => integer(-4000, 4000));
  constants.push(tensor(5, 'b.q', onnx.int32, [outputs], new Uint8Array(bias.buffer)));
  const input = [floats('x.scale', [], Float32Array.of(inputAffine.scale)), int8s('x.zero', [], Int8Array.of(-5))];
  const output = [floats('y.scale', [], Float32Array.of(outputScale)), int8s('y.zero', [], Int8Array.of(3))];
  const weights = Int8Array.from({ length: outputs * row }, () => integer(-127, 127));
  const weight = [
    int8s('w.q', [outputs, ...fan], weights),
    floats('w.scale', [outputs], scales),
    int8s('w.zero', [outputs], new Int8Array(outputs)),
  ];
  const biasScale = floats(
    'b.scale',
    [outputs],
    scales.map((s) => s * inputAffine.scale),
  );
  const pad = shape.kind === 'dense' ? 0 : (shape.kernel - 1) / 2;
  const product =
    shape.kind === 'dense'
      ? node('Gemm', ['x.r', 'w', 'b'], ['p'], message(5, bytes(1, 'transB'), int(3, 1), int(20, 2)))
      : node(
          'Conv',
          ['x.r', 'w', 'b'],
          ['p'],
          ints('kernel_shape', [shape.kernel, shape.kernel]),
          ints('pads', [pad, pad, pad, pad]),
          message(5, bytes(1, 'group'), int(3, shape.kind === 'depthwise' ? inputs : 1), int(20, 2)),
        );
  return new Uint8Array(
    model(
      node('QuantizeLinear', ['x', ...input], ['x.q']),
      node('DequantizeLinear', ['x.q', ...input], ['x.r']),
      node('DequantizeLinear', weight, ['w'], axis0),
      node('DequantizeLinear', ['b.q', biasScale], ['b'], axis0),
      product,
      node('QuantizeLinear', ['p', ...output], ['y.q']),
      node('DequantizeLinear', ['y.q', ...output], ['y']),
      ...constants,
      value(11, 'x', onnx.float, [1, inputs, ...spatial]),
      value(12, 'y', onnx.float, [1, outputs, ...spatial]),
    ),
  );
}
