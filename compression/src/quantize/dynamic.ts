import { freshNames, type Graph, importDomain } from '../graph.js';
import { constantOf, floatAttribute, intAttribute, makeNode, type Node, nodeName, type Tensor } from '../node.js';
import { sizeOf } from '../sizes.js';
import { DataType, dimsOf, float32Tensor, floatsOf, int8Tensor } from '../tensor.js';
import { bodiesOf } from '../weights/bodies.js';
import { type ConstantReads, constantReads, type OwnedConstant } from '../weights/reads.js';
import { integerLstm, type Recurrent, RecurrentWeights, recurrentOf, type StoredWeight } from './dynamic-lstm.js';
import { quantizeWeight } from './integers.js';

export interface DynamicOptions {
  readonly perChannel: boolean;
  readonly weightBits: number;
  /** As `nodeName` gives them. */
  readonly excludeNames: readonly string[];
}

/** Bytes of nodes, names and shapes that a product costs besides its weight. */
const overhead = 400;

/** A product of an activation with a constant matrix. */
interface Product {
  readonly node: Node;
  readonly weight: OwnedConstant;
  /** Whether the weight is stored outputs first. */
  readonly transposed: boolean;
}

/**
 * Makes integer products of MatMul and Gemm, in the main graph and in sub-graphs, in the form that ONNX Runtime fuses into one kernel:
 *
 *   DynamicQuantizeLinear -> MatMulInteger -> Cast -> Mul (input scale x weight scales) -> Add (bias)
 *
 * and of LSTMs com.microsoft DynamicQuantizeLSTM. Needs operator set 11. Says how many there are, and what was left float.
 */
export function quantizeProducts(
  graph: Graph,
  options: DynamicOptions,
): {
  readonly done: number;
  readonly left: readonly { node: Node; why: string }[];
  readonly convolutions: readonly Node[];
} {
  const reads = constantReads(graph);
  const products = new Map<Node, Product>();
  const recurrent = new Map<Node, Recurrent>();
  const left: { node: Node; why: string }[] = [];
  const convolutions: Node[] = [];
  for (const body of bodiesOf(graph)) {
    for (const node of body.node) {
      if (node.opType === 'Conv') convolutions.push(node);
      const found = layerOf(node, reads, options);
      if (!found) continue;
      if ('why' in found) left.push({ node, why: found.why });
      else if ('weights' in found) recurrent.set(node, found);
      else products.set(node, found);
    }
  }
  // A weight that somebody still reads as floats would be stored twice. Each node left float may leave others so.
  const weightsAt = (node: Node): readonly number[] => (products.has(node) ? [1] : recurrent.has(node) ? [1, 2] : []);
  const stranger = (weight: OwnedConstant): Node | undefined =>
    reads
      .readersOf(weight)
      .find((reader) =>
        reader.input.some(
          (_, i) => reads.constantAt(reader, i)?.tensor === weight.tensor && !weightsAt(reader).includes(i),
        ),
      );
  for (let stable = false; !stable; ) {
    stable = true;
    for (const [node, weights] of [
      ...[...products].map(([n, p]) => [n, [p.weight]] as const),
      ...[...recurrent].map(([n, r]) => [n, r.weights] as const),
    ]) {
      const other = weights.map(stranger).find((reader) => reader !== undefined);
      if (!other) continue;
      products.delete(node);
      recurrent.delete(node);
      left.push({ node, why: `${nodeName(other)} reads its weight as floats` });
      stable = false;
    }
  }
  new Rewriter(graph, products, recurrent, options).run();
  if (recurrent.size > 0) importDomain(graph, 'com.microsoft', 1);
  return { done: products.size + recurrent.size, left, convolutions };
}

/** Undefined for operators that have no such weights. */
function layerOf(
  node: Node,
  reads: ConstantReads,
  options: DynamicOptions,
): Product | Recurrent | { why: string } | undefined {
  if (!['MatMul', 'Gemm', 'LSTM', 'GRU', 'RNN'].includes(node.opType)) return undefined;
  if (options.excludeNames.includes(nodeName(node))) return { why: 'it is excluded' };
  if (node.opType === 'LSTM') return recurrentOf(node, reads);
  if (node.opType === 'GRU' || node.opType === 'RNN') return { why: 'ONNX Runtime computes it on floats only' };
  return productOf(node, reads);
}

function productOf(node: Node, reads: ConstantReads): Product | { why: string } {
  const weight = reads.constantAt(node, 1);
  if (!weight) return { why: 'its weight is computed at run time' };
  if (reads.constantAt(node, 0)) return { why: 'its first input is a constant' };
  const { tensor } = weight;
  if (tensor.dataType !== DataType.FLOAT) return { why: 'its weight is not float32' };
  if (tensor.dims.length !== 2) return { why: 'its weight is not a matrix' };
  if (intAttribute(node, 'transA', 0) !== 0) return { why: 'its input is transposed' };
  if (floatAttribute(node, 'alpha', 1) !== 1 || floatAttribute(node, 'beta', 1) !== 1)
    return { why: 'it scales its product' };
  const transposed = node.opType === 'Gemm' && intAttribute(node, 'transB', 0) !== 0;
  const outputs = dimsOf(tensor)[transposed ? 0 : 1]!;
  if (sizeOf(tensor.dims) * 3 < overhead + outputs * 4) return { why: 'its weight is too small to gain anything' };
  if (!floatsOf(tensor)!.every(Number.isFinite)) return { why: 'its weight is not finite' };
  return { node, weight, transposed };
}

class Rewriter {
  private readonly fresh: (prefix: string) => string;
  private readonly stored = new Map<Tensor, Map<boolean, StoredWeight>>();
  private readonly recurrentWeights: RecurrentWeights;

  constructor(
    private readonly graph: Graph,
    private readonly products: ReadonlyMap<Node, Product>,
    private readonly recurrent: ReadonlyMap<Node, Recurrent>,
    private readonly options: DynamicOptions,
  ) {
    this.fresh = freshNames(graph);
    this.recurrentWeights = new RecurrentWeights(options, this.fresh);
  }

  run(): void {
    for (const body of bodiesOf(this.graph)) {
      /** Activation -> its integers, scale and zero point: products of one input share them. */
      const rounded = new Map<string, readonly [string, string, string]>();
      body.node = body.node.flatMap((node) => {
        const product = this.products.get(node);
        if (product) return this.integer(product, rounded);
        const recurrent = this.recurrent.get(node);
        return recurrent ? [integerLstm(recurrent, this.recurrentWeights)] : [node];
      });
    }
    for (const { weight } of this.products.values()) drop(weight);
    for (const { weights } of this.recurrent.values()) weights.forEach(drop);
  }

  private integer(
    { node, weight, transposed }: Product,
    rounded: Map<string, readonly [string, string, string]>,
  ): Node[] {
    const nodes: Node[] = [];
    const input = node.input[0]!;
    let activation = rounded.get(input);
    if (!activation) {
      activation = [this.fresh('q'), this.fresh('s'), this.fresh('z')];
      rounded.set(input, activation);
      nodes.push(makeNode('DynamicQuantizeLinear', [input], activation));
    }
    const [values, scale, zero] = activation;
    const integers = this.weight(weight, transposed);
    const [sum, float, scales] = [this.fresh('i'), this.fresh('f'), this.fresh('m')];
    const bias = node.input[2] ?? '';
    const product = bias === '' ? node.output[0]! : this.fresh('p');
    nodes.push(
      makeNode('MatMulInteger', [values, integers.values, zero, integers.zeros], [sum], {}, { name: node.name }),
      makeNode('Cast', [sum], [float], { to: DataType.FLOAT }),
      makeNode('Mul', [scale, integers.scales], [scales]),
      makeNode('Mul', [float, scales], [product]),
    );
    if (bias !== '') nodes.push(makeNode('Add', [product, bias], [node.output[0]!]));
    return nodes;
  }

  private weight({ tensor, body }: OwnedConstant, transposed: boolean): StoredWeight {
    const known = this.stored.get(tensor)?.get(transposed);
    if (known) return known;
    const [rows, columns] = dimsOf(tensor) as [number, number];
    const data = floatsOf(tensor)!;
    const [inputs, outputs] = transposed ? [columns, rows] : [rows, columns];
    const matrix = transposed
      ? Float32Array.from(data, (_, k) => data[(k % outputs) * inputs + Math.floor(k / outputs)]!)
      : data;
    const { perChannel, weightBits } = this.options;
    const { values, scales } = quantizeWeight(matrix, [inputs, outputs], {
      bits: weightBits,
      ...(perChannel && { axis: 1 }),
    });
    const each = perChannel ? [outputs] : [];
    const names = { values: this.fresh('w'), scales: this.fresh('s'), zeros: this.fresh('z') };
    body.initializer.push(
      int8Tensor(names.values, [inputs, outputs], values),
      float32Tensor(names.scales, each, scales),
      int8Tensor(names.zeros, each, new Int8Array(scales.length)),
    );
    this.stored.set(tensor, (this.stored.get(tensor) ?? new Map()).set(transposed, names));
    return names;
  }
}

/** Takes a constant nobody reads any more out of the body that keeps it. */
function drop({ name, body }: OwnedConstant): void {
  if (body.output.some((output) => output.name === name)) return;
  body.initializer = body.initializer.filter((tensor) => tensor.name !== name);
  body.node = body.node.filter((node) => !(constantOf(node) && node.output[0] === name));
}
