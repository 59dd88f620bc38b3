import { makeNode, type Node, type Tensor } from '../node.js';
import { float32Tensor } from '../tensor.js';
import { modelOf, randomFloats, randomWeight } from './models.js';

/** A small net made by chance: input `x` [N,3,8,8], output `y` [N,4]. The same seed gives the same bytes. */
export function randomNet(seed: number): Uint8Array {
  const builder = new Builder(seed);
  const layers = 2 + builder.below(5);
  for (let i = 0; i < layers; i++) builder.grow();
  return builder.finish();
}

class Builder {
  private readonly nodes: Node[] = [];
  private readonly initializers: Tensor[] = [];
  private readonly chances: Float32Array;
  private drawn = 0;
  private made = 0;
  private at = 'x';
  private channels = 3;
  private side = 8;
  /** Tensors of the same shape as the one at hand, for residual sums. */
  private alike: string[] = [];

  constructor(private readonly seed: number) {
    this.chances = randomFloats(400, seed * 2 + 1);
  }

  below(n: number): number {
    return Math.min(n - 1, Math.floor(((this.chances[this.drawn++ % this.chances.length]! + 1) / 2) * n));
  }

  grow(): void {
    const kinds = [this.conv, this.conv, this.depthwise, this.norm, this.activation, this.sum, this.pool, this.concat];
    kinds[this.below(kinds.length)]!.call(this);
  }

  finish(): Uint8Array {
    if (!this.nodes.some((node) => node.opType === 'Conv')) this.conv();
    this.put('GlobalAveragePool', [this.at]);
    this.put('Flatten', [this.at]);
    const transB = this.below(2);
    const w = this.weight(transB ? [4, this.channels] : [this.channels, 4], 2);
    this.nodes.push(makeNode('Gemm', [this.at, w, this.weight([4], 0.1)], ['y'], { transB }, { name: 'head' }));
    return modelOf({
      nodes: this.nodes,
      inputs: [{ name: 'x', dims: ['N', 3, 8, 8] }],
      outputs: [{ name: 'y', dims: ['N', 4] }],
      initializers: this.initializers,
    });
  }

  private put(opType: string, inputs: string[], attributes: Parameters<typeof makeNode>[3] = {}): void {
    const name = `n${this.made++}`;
    this.nodes.push(makeNode(opType, inputs, [`t.${name}`], attributes, { name }));
    this.at = `t.${name}`;
  }

  private weight(dims: readonly number[], gain = 1): string {
    const name = `w${this.initializers.length}`;
    this.initializers.push(randomWeight(name, dims, this.seed * 1000 + this.initializers.length, gain));
    return name;
  }

  private conv(): void {
    const size = this.below(2) === 0 ? 1 : 3;
    const outputs = [8, 12, 16][this.below(3)]!;
    const inputs = [this.at, this.weight([outputs, this.channels, size, size])];
    if (this.below(2)) inputs.push(this.weight([outputs], 0.1));
    const pad = BigInt((size - 1) / 2);
    this.put('Conv', inputs, { kernel_shape: [BigInt(size), BigInt(size)], pads: [pad, pad, pad, pad] });
    if (outputs !== this.channels) this.alike = [];
    this.channels = outputs;
    this.alike.push(this.at);
  }

  private depthwise(): void {
    this.put('Conv', [this.at, this.weight([this.channels, 1, 3, 3]), this.weight([this.channels], 0.1)], {
      kernel_shape: [3n, 3n],
      pads: [1n, 1n, 1n, 1n],
      group: this.channels,
    });
    this.alike.push(this.at);
  }

  private norm(): void {
    const vector = (seed: number, base: number): string => {
      const name = `w${this.initializers.length}`;
      const values = randomFloats(this.channels, this.seed * 31 + seed).map((v) => base + v / 4);
      this.initializers.push(float32Tensor(name, [this.channels], values));
      return name;
    };
    this.put('BatchNormalization', [this.at, vector(1, 1), vector(2, 0), vector(3, 0), vector(4, 1)]);
  }

  private activation(): void {
    const kind = this.below(3);
    if (kind === 0) this.put('Relu', [this.at]);
    else if (kind === 1) this.put('LeakyRelu', [this.at], { alpha: { float: 0.1 } });
    else this.put('Sigmoid', [this.at]);
    this.alike.push(this.at);
  }

  private sum(): void {
    const other = this.alike[this.below(this.alike.length)];
    if (other === undefined) this.activation();
    else this.put('Add', [this.at, other]);
  }

  private pool(): void {
    if (this.side < 4) {
      this.activation();
      return;
    }
    this.put(this.below(2) ? 'MaxPool' : 'AveragePool', [this.at], { kernel_shape: [2n, 2n], strides: [2n, 2n] });
    this.side /= 2;
    this.alike = [];
  }

  private concat(): void {
    const other = this.alike[this.below(this.alike.length)];
    if (other === undefined || this.channels > 24) {
      this.activation();
      return;
    }
    this.put('Concat', [this.at, other], { axis: 1 });
    this.channels *= 2;
    this.alike = [];
  }
}
