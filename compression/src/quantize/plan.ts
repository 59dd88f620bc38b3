import type { Graph, Links } from '../graph.js';
import { floatAttribute, type Node, nodeName } from '../node.js';
import { DataType, dimsOf } from '../tensor.js';

/** Operators with weights: what quantization is for. */
const weighted = new Set(['Conv', 'Gemm', 'MatMul']);
/** Operators that have an integer kernel with its own output parameters, worth it only between quantized neighbours. */
const followers = new Set(['Add', 'Mul', 'GlobalAveragePool', 'AveragePool', 'Concat']);
/** Operators that move values and do not change them: input and output share their parameters, then the runtime drops both Q and DQ. */
const movers = new Set(['MaxPool', 'Flatten', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Slice', 'Gather']);
/** Activations the output's range makes redundant when it is quantized right behind them. */
const absorbed = new Set(['Relu', 'Clip']);

export interface QuantizationPlan {
  /** Nodes that will compute on integers. */
  readonly nodes: ReadonlySet<Node>;
  /** Tensors that get a QuantizeLinear and DequantizeLinear, each with the tensor whose range it uses. */
  readonly tensors: ReadonlyMap<string, string>;
  /** Weighted nodes left float, with the reason. */
  readonly left: readonly { node: Node; why: string }[];
}

export interface PlanOptions {
  readonly excludeTypes: readonly string[];
  /** As `nodeName` gives them. */
  readonly excludeNames: readonly string[];
  /** Leaves the first or last node with a weight float that would be quantized otherwise. */
  readonly excludeFirst: boolean;
  readonly excludeLast: boolean;
}

/** Axes of a node's weight that hold output channels, and its inputs that are activations. Undefined: not quantizable, with the reason. */
export function weightedShape(
  node: Node,
  links: Links,
): { activations: readonly number[]; axis?: number } | { why: string } {
  const constant = (index: number) => links.constants.get(node.input[index] ?? '');
  const weight = constant(1);
  const bias = constant(2);
  if (node.opType === 'MatMul' && !weight)
    return constant(0) ? { why: 'its first input is a constant' } : { activations: [0, 1] };
  if (!weight) return { why: 'its weight is computed at run time' };
  if (weight.dataType !== DataType.FLOAT) return { why: 'its weight is not float32' };
  if (node.opType === 'MatMul')
    return weight.dims.length === 2 ? { activations: [0], axis: 1 } : { why: 'its weight is not a matrix' };
  if (node.input[2] && !bias) return { why: 'its bias is computed at run time' };
  if (bias && bias.dataType !== DataType.FLOAT) return { why: 'its bias is not float32' };
  if (node.opType === 'Conv') return { activations: [0], axis: 0 };
  const transB = node.attribute.some((a) => a.name === 'transB' && a.i !== 0n);
  const axis = transB ? 0 : 1;
  const outputs = dimsOf(weight)[axis]!;
  if (node.attribute.some((a) => a.name === 'transA' && a.i !== 0n)) return { why: 'its input is transposed' };
  if (floatAttribute(node, 'alpha', 1) !== 1 || floatAttribute(node, 'beta', 1) !== 1)
    return { why: 'it scales its product' };
  if (bias && (dimsOf(bias).reduce((p, d) => p * d, 1) !== outputs || dimsOf(bias).at(-1) !== outputs))
    return { why: 'its bias is not one value per output' };
  return { activations: [0], axis };
}

/**
 * Chooses what to quantize. `floats` are the float32 activations; nodes are in topological order. All consumers of a chosen
 * tensor will read its DequantizeLinear: one that reads the float value keeps the runtime from fusing.
 */
export function planQuantization(
  graph: Graph,
  links: Links,
  floats: ReadonlySet<string>,
  options: PlanOptions,
): QuantizationPlan {
  const excluded = (node: Node): boolean =>
    options.excludeTypes.includes(node.opType) || options.excludeNames.includes(nodeName(node));
  const { chosen, left } = chooseWeighted(graph, links, floats, { ...options, excluded });
  const nodes = new Set(chosen.keys());
  const ready = new Set<string>();
  const outputOf = (node: Node): string => absorbedOutput(node, links) ?? node.output[0]!;
  const activationInputs = (node: Node): string[] =>
    node.input.filter((name, i) => floats.has(name) && (i === 0 || !movers.has(node.opType)));

  // What feeds a weighted node is quantized anyway, back through what only moves values.
  const needed = new Set<string>();
  for (const [node, activations] of chosen) {
    for (const index of activations) {
      let name = node.input[index]!;
      for (;;) {
        needed.add(name);
        const producer = links.producer.get(name);
        if (!producer || !movers.has(producer.opType) || excluded(producer) || !floats.has(producer.input[0]!)) break;
        name = producer.input[0]!;
      }
    }
  }
  for (const node of graph.body.node) {
    if (nodes.has(node)) ready.add(outputOf(node));
    else if (excluded(node)) continue;
    else if (movers.has(node.opType)) {
      if (!floats.has(node.input[0]!) || !(ready.has(node.input[0]!) || needed.has(node.input[0]!))) continue;
      nodes.add(node);
      ready.add(node.output[0]!);
    } else if (followers.has(node.opType) && floats.has(node.output[0]!)) {
      const inputs = activationInputs(node);
      if (inputs.length === 0 || !inputs.every((name) => ready.has(name) || needed.has(name))) continue;
      if (!node.input.every((name) => inputs.includes(name) || links.constants.get(name)?.dataType === DataType.FLOAT))
        continue;
      nodes.add(node);
      ready.add(outputOf(node));
    }
  }
  dropUseless(graph, links, nodes, outputOf);

  const tensors = new Map<string, string>();
  const rangeOf = (name: string): string => {
    let at = name;
    for (
      let producer = links.producer.get(at);
      producer && nodes.has(producer) && movers.has(producer.opType);
      producer = links.producer.get(at)
    )
      at = producer.input[0]!;
    return at;
  };
  for (const node of graph.body.node) {
    if (!nodes.has(node)) continue;
    const shape = weighted.has(node.opType) ? weightedShape(node, links) : undefined;
    const inputs =
      shape && 'activations' in shape ? shape.activations.map((i) => node.input[i]!) : activationInputs(node);
    for (const name of inputs) tensors.set(name, rangeOf(name));
    const output = outputOf(node);
    // A product may stay float at no cost; what reads it as integers asks for it above or below.
    if (node.opType !== 'Gemm' && node.opType !== 'MatMul') tensors.set(output, rangeOf(output));
    else if ((links.consumers.get(output) ?? []).some((c) => nodes.has(c.node))) tensors.set(output, rangeOf(output));
  }
  return { nodes, tensors, left };
}

/** The weighted nodes that will be quantized, each with its inputs that are activations, and those that will not. */
function chooseWeighted(
  graph: Graph,
  links: Links,
  floats: ReadonlySet<string>,
  options: Pick<PlanOptions, 'excludeFirst' | 'excludeLast'> & { readonly excluded: (node: Node) => boolean },
): { chosen: Map<Node, readonly number[]>; left: { node: Node; why: string }[] } {
  const chosen = new Map<Node, readonly number[]>();
  const left: { node: Node; why: string }[] = [];
  for (const node of graph.body.node) {
    if (!weighted.has(node.opType)) continue;
    const shape = weightedShape(node, links);
    if (options.excluded(node)) left.push({ node, why: 'it is excluded' });
    else if ('why' in shape) left.push({ node, why: shape.why });
    else if (!shape.activations.every((i) => floats.has(node.input[i]!)))
      left.push({ node, why: 'its input is not float32' });
    else chosen.set(node, shape.activations);
  }
  const layers = [...chosen.keys()].filter((node) => links.constants.has(node.input[1]!));
  const ends = [
    { node: options.excludeFirst ? layers[0] : undefined, why: 'it is the first layer' },
    { node: options.excludeLast ? layers.at(-1) : undefined, why: 'it is the last layer' },
  ];
  for (const { node, why } of ends) if (node && chosen.delete(node)) left.push({ node, why });
  return { chosen, left };
}

/** The output of an activation that alone reads a node's output, so that quantizing behind it makes it redundant. */
function absorbedOutput(node: Node, links: Links): string | undefined {
  if (movers.has(node.opType)) return undefined;
  const output = node.output[0]!;
  const readers = links.consumers.get(output) ?? [];
  const reader = readers[0];
  if (readers.length !== 1 || !reader || reader.index !== 0 || !absorbed.has(reader.node.opType)) return undefined;
  if (links.outputs.has(output) || links.captured.has(output)) return undefined;
  return reader.node.output[0]!;
}

/** Takes out followers and movers whose result nobody uses as integers: they would only add conversions. */
function dropUseless(graph: Graph, links: Links, nodes: Set<Node>, outputOf: (node: Node) => string): void {
  for (const node of [...graph.body.node].reverse()) {
    if (!nodes.has(node) || weighted.has(node.opType)) continue;
    const used = (links.consumers.get(outputOf(node)) ?? []).some((c) => nodes.has(c.node));
    if (!used) nodes.delete(node);
  }
}
