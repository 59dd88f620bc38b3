import { dropUnused, freshNames, type Graph, importDomain, type Links } from '../graph.js';
import { makeNode, type Node } from '../node.js';
import { sizeOf } from '../sizes.js';
import { dimsOf, float32Tensor, floatsOf, int8Tensor, int32Tensor, uint8Tensor } from '../tensor.js';
import { type Affine, affineOf, quantizeWeight, roundEven } from './integers.js';
import { type QuantizationPlan, weightedShape } from './plan.js';

export interface RewriteOptions {
  readonly activations: 'uint8' | 'int8';
  readonly perChannel: boolean;
  readonly weightBits: number;
  /** `float`: biases of convolutions stay as they are; those of Gemm become integers in any case, without which it would stay float. */
  readonly bias: 'int32' | 'float';
  /** Domain of QuantizeLinear and DequantizeLinear: '' from opset 13 on. */
  readonly domain: '' | 'com.microsoft';
}

/**
 * Writes the plan into the graph: Q and DQ behind each chosen tensor, weights and biases as integers behind a DQ. Scales and zero
 * points of equal value are written once and names are short: on small models they are half of the file.
 */
export function rewriteQuantized(
  graph: Graph,
  links: Links,
  plan: QuantizationPlan,
  ranges: ReadonlyMap<string, { low: number; high: number }>,
  options: RewriteOptions,
): void {
  new Rewriter(graph, links, plan, ranges, options).run();
  dropUnused(graph);
  if (options.domain !== '') importDomain(graph, options.domain, 1);
}

class Rewriter {
  private readonly fresh: (prefix: string) => string;
  private readonly out: Node[] = [];
  private readonly shared = new Map<string, string>();
  /** Tensor -> what its consumers read from now on. */
  private readonly renamed = new Map<string, string>();

  constructor(
    private readonly graph: Graph,
    private readonly links: Links,
    private readonly plan: QuantizationPlan,
    private readonly ranges: ReadonlyMap<string, { low: number; high: number }>,
    private readonly options: RewriteOptions,
  ) {
    this.fresh = freshNames(graph);
  }

  run(): void {
    for (const input of this.graph.body.input) this.quantizeTensor(input.name);
    for (const node of this.graph.body.node) {
      const weights = this.plan.nodes.has(node) ? this.quantizeInputs(node) : new Map<number, string>();
      node.input = node.input.map((name, i) => weights.get(i) ?? this.renamed.get(name) ?? name);
      this.out.push(node);
      node.output.forEach((name, i) => {
        if (!this.plan.tensors.has(name)) return;
        if (this.links.outputs.has(name)) {
          // The graph's output keeps its name behind the DQ; the node's own value gets a new one.
          const inner = this.fresh('t');
          node.output[i] = inner;
          this.quantizeTensor(name, inner, name);
        } else this.quantizeTensor(name);
      });
    }
    this.graph.body.node = this.out;
  }

  private affine(name: string): Affine {
    const range = this.ranges.get(this.plan.tensors.get(name)!) ?? { low: 0, high: 0 };
    return affineOf(range.low, range.high, this.options.activations);
  }

  private quantizeTensor(name: string, from = name, to?: string): void {
    if (!this.plan.tensors.has(name)) return;
    const { scale, zeroPoint } = this.affine(name);
    const quantized = this.fresh('q');
    const read = to ?? this.fresh('d');
    const parameters = [this.scalar(scale), this.zeroPoint(zeroPoint)];
    const { domain } = this.options;
    this.out.push(
      makeNode('QuantizeLinear', [from, ...parameters], [quantized], {}, { domain }),
      makeNode('DequantizeLinear', [quantized, ...parameters], [read], {}, { domain }),
    );
    this.renamed.set(name, read);
  }

  /** Constants of a node that computes on integers: input index -> DQ output. */
  private quantizeInputs(node: Node): Map<number, string> {
    const made = new Map<number, string>();
    const shape = weightedShape(node, this.links);
    if (['Conv', 'Gemm', 'MatMul'].includes(node.opType)) {
      if ('activations' in shape && shape.axis !== undefined) this.weight(node, shape.axis, made);
      return made;
    }
    if (['Add', 'Mul', 'Concat'].includes(node.opType)) {
      node.input.forEach((name, i) => {
        const tensor = this.links.constants.get(name);
        const data = tensor && floatsOf(tensor);
        if (tensor && data) made.set(i, this.constant(name, dimsOf(tensor), data));
      });
    }
    return made;
  }

  private weight(node: Node, axis: number, made: Map<number, string>): void {
    const tensor = this.links.constants.get(node.input[1]!)!;
    const dims = dimsOf(tensor);
    const biasTensor = node.input[2] ? this.links.constants.get(node.input[2]) : undefined;
    const bias = biasTensor && floatsOf(biasTensor);
    const { perChannel, weightBits, domain } = this.options;
    const input = this.affine(node.input[0]!).scale;
    // The bias is stored as int32 in steps of input scale x weight scale.
    const steps = 2 ** 30;
    const smallest =
      bias &&
      ((slice: number): number => {
        const largest = perChannel ? Math.abs(bias[slice]!) : bias.reduce((peak, b) => Math.max(peak, Math.abs(b)), 0);
        return largest / steps / input;
      });
    const { values, scales } = quantizeWeight(floatsOf(tensor)!, dims, {
      bits: weightBits,
      ...(perChannel && { axis }),
      ...(smallest && { smallest }),
    });
    const attributes = perChannel ? { axis } : undefined;
    const scaleName = perChannel ? this.vector(scales) : this.scalar(scales[0]!);
    const zeros = this.zeros(perChannel ? scales.length : undefined);
    // Readers of one weight share its integers where their scales agree; each has a DQ of its own, as fusing wants it.
    const weightName = this.once(`weight ${tensor.name} ${axis} ${scaleName}`, () =>
      this.store(int8Tensor(this.fresh('w'), dims, values)),
    );
    made.set(1, this.dequantize([weightName, scaleName, zeros], attributes, domain));
    if (!bias || (this.options.bias === 'float' && node.opType === 'Conv')) return;
    const biasScales = scales.map((s) => s * input);
    const biasName = this.fresh('b');
    const data = Int32Array.from(bias, (b, i) => roundEven(b / biasScales[perChannel ? i : 0]!));
    this.graph.body.initializer.push(int32Tensor(biasName, [bias.length], data));
    made.set(
      2,
      this.dequantize(
        [biasName, perChannel ? this.vector(biasScales) : this.scalar(biasScales[0]!)],
        perChannel ? { axis: 0 } : undefined,
        domain,
      ),
    );
  }

  /** A constant operand of an element-wise node, in the activations' type. */
  private constant(name: string, dims: readonly number[], data: Float32Array): string {
    return this.once(`constant ${name}`, () => {
      const type = this.options.activations;
      const { scale, zeroPoint } = affineOf(
        data.reduce((a, b) => Math.min(a, b), 0),
        data.reduce((a, b) => Math.max(a, b), 0),
        type,
      );
      const [first, last] = type === 'uint8' ? [0, 255] : [-128, 127];
      const quantized = Array.from(data, (v) => Math.min(last, Math.max(first, roundEven(v / scale) + zeroPoint)));
      const stored = this.fresh('c');
      this.graph.body.initializer.push(
        type === 'uint8'
          ? uint8Tensor(stored, dims, Uint8Array.from(quantized))
          : int8Tensor(stored, dims, Int8Array.from(quantized)),
      );
      return this.dequantize([stored, this.scalar(scale), this.zeroPoint(zeroPoint)], undefined, this.options.domain);
    });
  }

  private dequantize(inputs: string[], attributes: Record<string, number> | undefined, domain: string): string {
    const output = this.fresh('d');
    this.out.push(makeNode('DequantizeLinear', inputs, [output], attributes ?? {}, { domain }));
    return output;
  }

  private once(key: string, make: () => string): string {
    const known = this.shared.get(key);
    if (known !== undefined) return known;
    const name = make();
    this.shared.set(key, name);
    return name;
  }

  private scalar(value: number): string {
    return this.once(`scale ${value}`, () => this.store(float32Tensor(this.fresh('s'), [], Float32Array.of(value))));
  }

  private vector(values: Float32Array): string {
    return this.once(`scales ${values.join()}`, () =>
      this.store(float32Tensor(this.fresh('s'), [values.length], values)),
    );
  }

  private zeroPoint(value: number): string {
    const type = this.options.activations;
    return this.once(`zero ${value}`, () =>
      this.store(
        type === 'uint8'
          ? uint8Tensor(this.fresh('z'), [], Uint8Array.of(value))
          : int8Tensor(this.fresh('z'), [], Int8Array.of(value)),
      ),
    );
  }

  /** Zero points of int8 weights: a vector of one length, or a scalar. */
  private zeros(length: number | undefined): string {
    const dims = length === undefined ? [] : [length];
    return this.once(`zeros ${length}`, () =>
      this.store(int8Tensor(this.fresh('z'), dims, new Int8Array(sizeOf(dims)))),
    );
  }

  private store(tensor: Graph['body']['initializer'][number]): string {
    this.graph.body.initializer.push(tensor);
    return tensor.name;
  }
}
