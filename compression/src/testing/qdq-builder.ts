import { makeNode, type Node, type Tensor } from '../node.js';
import { affineOf, quantizeWeight, roundEven } from '../quantize/integers.js';
import { sizeOf } from '../sizes.js';
import { float32Tensor, int8Tensor, int32Tensor, int64Tensor, uint8Tensor } from '../tensor.js';
import { modelOf, randomFloats } from './models.js';

type Attributes = Parameters<typeof makeNode>[3];

/** Builds QDQ graphs in code, with scales and weights made by chance from a seed. */
export class QdqBuilder {
  readonly nodes: Node[] = [];
  readonly initializers: Tensor[] = [];
  private readonly inputs: { name: string; dims: readonly (number | string)[] }[] = [];
  private readonly scaleOf = new Map<string, number>();
  private readonly parametersOf = new Map<string, readonly [string, string]>();
  private made = 0;
  private seed: number;

  constructor(
    seed: number,
    readonly type: 'uint8' | 'int8' = 'uint8',
  ) {
    this.seed = seed * 7919 + 1;
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return Math.min(n - 1, Math.floor(((this.floats(1)[0]! + 1) / 2) * n));
  }

  floats(count: number): Float32Array<ArrayBuffer> {
    this.seed = (Math.imul(this.seed, 1103515245) + 12345) | 0;
    return randomFloats(count, this.seed);
  }

  input(dims: readonly (number | string)[], low = -1, high = 1): string {
    const name = `x${this.inputs.length}`;
    this.inputs.push({ name, dims });
    return this.quantized(name, low, high);
  }

  /** Q and DQ behind a tensor, for a range varied by chance so that no two scales are simple ratios. */
  quantized(name: string, low: number, high: number): string {
    const vary = 1 + this.floats(1)[0]! / 8;
    return this.withAffine(name, affineOf(low * vary, high * vary, this.type));
  }

  withAffine(name: string, { scale, zeroPoint }: { scale: number; zeroPoint: number }): string {
    const parameters = [
      this.store((n) => float32Tensor(n, [], Float32Array.of(scale))),
      this.store((n) =>
        this.type === 'uint8'
          ? uint8Tensor(n, [], Uint8Array.of(zeroPoint))
          : int8Tensor(n, [], Int8Array.of(zeroPoint)),
      ),
    ] as const;
    return this.between(name, parameters, scale);
  }

  /** Q and DQ with the scale and zero point of another one's, as it is behind what only moves values. */
  quantizedLike(name: string, other: string): string {
    return this.between(name, this.parametersOf.get(other)!, this.scaleOf.get(other)!);
  }

  private between(name: string, parameters: readonly [string, string], scale: number): string {
    const integers = this.node('QuantizeLinear', [name, ...parameters]);
    const real = this.node('DequantizeLinear', [integers, ...parameters]);
    this.scaleOf.set(real, scale);
    this.parametersOf.set(real, parameters);
    return real;
  }

  /** A weight behind its DQ, with a scale for each output along `axis`, or one for all. */
  weight(dims: readonly number[], fan: number, axis?: number): { name: string; scales: Float32Array } {
    const floats = this.floats(sizeOf(dims)).map((v) => (v * 1.7) / Math.sqrt(fan));
    const { values, scales } = quantizeWeight(floats, dims, axis === undefined ? {} : { axis });
    const shape = axis === undefined ? [] : [scales.length];
    const name = this.node(
      'DequantizeLinear',
      [
        this.store((n) => int8Tensor(n, dims, values)),
        this.store((n) => float32Tensor(n, shape, scales)),
        this.store((n) => int8Tensor(n, shape, new Int8Array(sizeOf(shape)))),
      ],
      axis === undefined ? {} : { axis },
    );
    return { name, scales };
  }

  /** An int32 bias behind its DQ, in steps of the input's scale times the weight's. */
  bias(outputs: number, input: string, scales: Float32Array): string {
    const steps = scales.map((s) => s * this.scaleOf.get(input)!);
    const values = Int32Array.from(this.floats(outputs), (v, i) =>
      roundEven(v / 4 / steps[scales.length === 1 ? 0 : i]!),
    );
    return this.node(
      'DequantizeLinear',
      [
        this.store((n) => int32Tensor(n, [outputs], values)),
        this.store((n) => float32Tensor(n, scales.length === 1 ? [] : [outputs], steps)),
      ],
      scales.length === 1 ? {} : { axis: 0 },
    );
  }

  /** A constant of activations' type behind its DQ. */
  constant(dims: readonly number[]): string {
    const floats = this.floats(sizeOf(dims));
    const { scale, zeroPoint } = affineOf(-1, 1, this.type);
    const values = Array.from(floats, (v) => roundEven(v / scale) + zeroPoint);
    return this.node('DequantizeLinear', [
      this.store((n) =>
        this.type === 'uint8'
          ? uint8Tensor(n, dims, Uint8Array.from(values))
          : int8Tensor(n, dims, Int8Array.from(values)),
      ),
      this.store((n) => float32Tensor(n, [], Float32Array.of(scale))),
      this.store((n) =>
        this.type === 'uint8'
          ? uint8Tensor(n, [], Uint8Array.of(zeroPoint))
          : int8Tensor(n, [], Int8Array.of(zeroPoint)),
      ),
    ]);
  }

  integers(values: readonly number[]): string {
    return this.store((n) => int64Tensor(n, [values.length], values.map(BigInt)));
  }

  number(value: number): string {
    return this.store((n) => float32Tensor(n, [], Float32Array.of(value)));
  }

  node(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = `t${this.made++}`;
    this.nodes.push(makeNode(op, inputs, [output], attributes, { name: `${op}.${this.made}` }));
    // What moves values keeps their scale; for other operators nobody asks.
    const scale = this.scaleOf.get(inputs[0]!);
    if (scale !== undefined) this.scaleOf.set(output, scale);
    return output;
  }

  store(make: (name: string) => Tensor): string {
    const name = `c${this.made++}`;
    this.initializers.push(make(name));
    return name;
  }

  finish(output: string, dims: readonly (number | string)[], opset = 13): Uint8Array {
    return modelOf({
      nodes: this.nodes,
      inputs: this.inputs,
      outputs: [{ name: output, dims }],
      initializers: this.initializers,
      opset,
    });
  }
}
