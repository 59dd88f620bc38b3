import { mulberry32 } from '@hilltop/contracts';
import { bytes, int, message, model, node, tensor, value } from '../../test/support/onnx.js';

const float = 1;
/** Channels, height and width of an item. */
export const imageDims = [3, 32, 32] as const;
/** Channels of each stage. */
const stages = [32, 64, 128, 256] as const;
const classes = 10;

/** AttributeProto of ints: name = 1, ints = 8, type = 20 (7: INTS). */
export const ints = (name: string, values: readonly number[]): Buffer =>
  message(5, bytes(1, name), ...values.map((v) => int(8, v)), int(20, 7));

/**
 * A residual net as exporters write it, BatchNormalization and all: 2.8 million random weights, 11 MB. Input `x` [1, 3, 32, 32],
 * output `y` [1, 10]. The same bytes every time.
 */
export function convNet(): Buffer {
  const random = mulberry32(3);
  const nodes: Buffer[] = [];
  const weights: Buffer[] = [];
  const store = (name: string, dims: readonly number[], make: () => number): string => {
    const data = Float32Array.from({ length: dims.reduce((p, d) => p * d, 1) }, make);
    weights.push(tensor(5, name, float, dims, new Uint8Array(data.buffer)));
    return name;
  };
  let count = 0;
  /** Convolution and normalization; the deviation of a uniform number in [-0.5, 0.5) is sqrt(1/12). */
  const conv = (input: string, from: number, to: number, kernel: number, stride: number): string => {
    const name = `conv${count++}`;
    const gain = Math.sqrt((12 * 2) / (from * kernel * kernel));
    const pad = (kernel - 1) / 2;
    const weight = store(`${name}.weight`, [to, from, kernel, kernel], () => (random() - 0.5) * gain);
    nodes.push(
      node(
        'Conv',
        [input, weight],
        [`${name}.out`],
        ints('kernel_shape', [kernel, kernel]),
        ints('strides', [stride, stride]),
        ints('pads', [pad, pad, pad, pad]),
      ),
      node(
        'BatchNormalization',
        [
          `${name}.out`,
          store(`${name}.scale`, [to], () => 0.7 + random() * 0.2),
          store(`${name}.bias`, [to], () => random() - 0.5),
          store(`${name}.mean`, [to], () => random() - 0.5),
          store(`${name}.var`, [to], () => 1 + random()),
        ],
        [name],
      ),
    );
    return name;
  };
  const relu = (input: string): string => {
    nodes.push(node('Relu', [input], [`${input}.relu`]));
    return `${input}.relu`;
  };
  let at = relu(conv('x', imageDims[0], stages[0], 3, 1));
  let channels: number = stages[0];
  for (const width of stages) {
    for (let block = 0; block < 2; block++) {
      const stride = width > channels ? 2 : 1;
      const second = conv(relu(conv(at, channels, width, 3, stride)), width, width, 3, 1);
      const skip = width > channels ? conv(at, channels, width, 1, stride) : at;
      nodes.push(node('Add', [second, skip], [`${second}.sum`]));
      at = relu(`${second}.sum`);
      channels = width;
    }
  }
  nodes.push(
    node('GlobalAveragePool', [at], ['pooled']),
    node('Flatten', ['pooled'], ['features']),
    node(
      'Gemm',
      [
        'features',
        store('head.weight', [channels, classes], () => (random() - 0.5) / 4),
        store('head.bias', [classes], () => random() - 0.5),
      ],
      ['y'],
    ),
  );
  return model(...nodes, ...weights, value(11, 'x', float, [1, ...imageDims]), value(12, 'y', float, [1, classes]));
}
