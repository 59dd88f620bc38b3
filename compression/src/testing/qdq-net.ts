import type { TensorPack } from '@hilltop/contracts';
import { randomPack } from './models.js';
import { QdqBuilder } from './qdq-builder.js';

type Dims = readonly [1, number, number, number];
interface At {
  readonly name: string;
  readonly dims: Dims;
}

/** Operators of one value that random nets are grown with. */
const functions = ['Sigmoid', 'Tanh', 'LeakyRelu', 'HardSigmoid', 'Elu', 'Softplus'];
const ints = (...values: number[]): bigint[] => values.map(BigInt);

/**
 * A net of 8-bit operators made by chance, all of which plans know: 3 to 9 layers with residual sums, products and joins, and a dense layer
 * behind, whose output is float every other time, then with a Softmax every other time. The same seed gives the same bytes. Input [1, 3, 9, 8].
 */
export function qdqNet(seed: number): { readonly model: Uint8Array; items(count: number): TensorPack } {
  const net = new Net(seed);
  const layers = 3 + net.b.below(7);
  for (let i = 0; i < layers; i++) net.grow();
  return { model: net.finish(), items: (count) => randomPack(count, [3, 9, 8], seed + 17) };
}

class Net {
  readonly b: QdqBuilder;
  private at: At;
  /** All there is so far: what sums, products and joins take. */
  private readonly made: At[] = [];

  constructor(seed: number) {
    this.b = new QdqBuilder(seed, seed % 3 === 0 ? 'int8' : 'uint8');
    this.at = { name: this.b.input([1, 3, 9, 8]), dims: [1, 3, 9, 8] };
  }

  grow(): void {
    const kinds = [this.conv, this.conv, this.depthwise, this.pool, this.table, this.binary, this.binary, this.join];
    const more = [this.pad, this.transpose, this.scale];
    const all = [...kinds, ...more];
    this.made.push(this.at);
    this.at = all[this.b.below(all.length)]!.call(this);
  }

  finish(): Uint8Array {
    const { b, at } = this;
    const count = at.dims.reduce((product, d) => product * d, 1);
    // Integers again right in front of the layer: behind a float the runtime quantizes the layer's input by itself, anew for each item.
    const flat = b.quantizedLike(b.node('Flatten', [at.name]), at.name);
    const { name, scales } = b.weight([count, 7], count, b.below(2) ? 1 : undefined);
    const y = b.node('Gemm', [flat, name, b.bias(7, flat, scales)]);
    // One draw: two in a row depend on each other.
    const end = b.below(4);
    if (end < 2) return b.finish(b.quantized(y, -2, 2), [1, 7]);
    return b.finish(end === 2 ? y : b.node('Softmax', [y]), [1, 7]);
  }

  /** Quantized behind an operator, over about the range its results have. */
  private rounded(op: string, inputs: readonly string[], dims: Dims, attributes = {}, [low, high] = [-1.5, 1.5]): At {
    const clipped = this.b.below(4) === 0;
    const y = this.b.node(op, inputs, attributes);
    return { name: this.b.quantized(clipped ? this.b.node('Relu', [y]) : y, clipped ? 0 : low, high), dims };
  }

  private conv(): At {
    const { b, at } = this;
    const [, channels, h, w] = at.dims;
    const [groups, outputs] = channels % 2 === 0 && b.below(3) === 0 ? [2, 6] : [1, 2 + b.below(11)];
    const [kh, kw] = [1 + b.below(Math.min(3, h)), 1 + b.below(Math.min(3, w))];
    const stride = 1 + b.below(2);
    const [top, left, bottom, right] = [b.below(kh), b.below(kw), b.below(kh), b.below(kw)] as const;
    const per = channels / groups;
    const { name, scales } = b.weight([outputs, per, kh, kw], per * kh * kw, b.below(2) ? 0 : undefined);
    const out = (size: number, kernel: number, pad: number): number => Math.floor((size + pad - kernel) / stride) + 1;
    return this.rounded(
      'Conv',
      b.below(3) ? [at.name, name, b.bias(outputs, at.name, scales)] : [at.name, name],
      [1, outputs, out(h, kh, top + bottom), out(w, kw, left + right)],
      {
        kernel_shape: ints(kh, kw),
        strides: ints(stride, stride),
        pads: ints(top, left, bottom, right),
        group: groups,
      },
    );
  }

  private depthwise(): At {
    const { b, at } = this;
    const [, channels, h, w] = at.dims;
    const { name, scales } = b.weight([channels, 1, 3, 3], 9, b.below(2) ? 0 : undefined);
    const attributes = { kernel_shape: ints(3, 3), pads: ints(1, 1, 1, 1), group: channels };
    const inputs = [at.name, name, b.bias(channels, at.name, scales)];
    return this.rounded('Conv', inputs, [1, channels, h, w], attributes);
  }

  private pool(): At {
    const { b, at } = this;
    const [, channels, h, w] = at.dims;
    if (h < 2 || w < 2) return this.table();
    const attributes = { kernel_shape: ints(2, 2), strides: ints(2, 2) };
    const dims: Dims = [1, channels, Math.floor(h / 2), Math.floor(w / 2)];
    const op = b.below(2) ? 'MaxPool' : 'AveragePool';
    return this.rounded(op, [at.name], dims, attributes, [-1.2, 1.2]);
  }

  private table(): At {
    const { b, at } = this;
    return this.rounded(functions[b.below(functions.length)]!, [at.name], at.dims);
  }

  /** With something of the same shape, where there is any. */
  private binary(): At {
    const { b, at } = this;
    const alike = this.made.filter(({ name, dims }) => name !== at.name && String(dims) === String(at.dims));
    const other = alike[b.below(alike.length)];
    if (!other) return this.conv();
    return this.rounded(['Add', 'Sub', 'Mul'][b.below(3)]!, [at.name, other.name], at.dims);
  }

  private join(): At {
    const { b, at } = this;
    const [, channels, h, w] = at.dims;
    const alike = this.made.filter(({ dims }) => dims[2] === h && dims[3] === w);
    const other = alike[b.below(alike.length)];
    if (!other || channels + other.dims[1] > 24) return this.depthwise();
    return this.rounded('Concat', [at.name, other.name], [1, channels + other.dims[1], h, w], { axis: 1 });
  }

  private pad(): At {
    const { b, at } = this;
    const [, channels, h, w] = at.dims;
    const [top, right] = [b.below(2), 1 + b.below(2)];
    const pads = b.integers([0, 0, top, 0, 0, 0, 0, right]);
    return this.rounded('Pad', [at.name, pads], [1, channels, h + top, w + right]);
  }

  /** With its input's scale: of two scales in a row the runtime makes one, which rounds once less. */
  private transpose(): At {
    const { b, at } = this;
    const [, channels, h, w] = at.dims;
    const y = b.node('Transpose', [at.name], { perm: ints(0, 1, 3, 2) });
    return { name: b.quantizedLike(y, at.name), dims: [1, channels, w, h] };
  }

  /** A factor for each channel, as squeeze and excitation have it. */
  private scale(): At {
    const { b, at } = this;
    const [, channels] = at.dims;
    const mean = this.rounded('GlobalAveragePool', [at.name], [1, channels, 1, 1], {}, [-0.7, 0.7]);
    const factor = b.quantized(b.node('Sigmoid', [mean.name]), 0, 1);
    return this.rounded('Mul', [factor, at.name], at.dims);
  }
}
