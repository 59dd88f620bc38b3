import type { Graph } from '../graph.js';
import { type Body, constantOf, type Node, subGraphs, type Tensor } from '../node.js';
import { DataType } from '../tensor.js';

/** A float32 weight of the main graph or of a sub-graph, with the first node that reads it. */
export interface Weight {
  readonly name: string;
  readonly tensor: Tensor;
  readonly reader: Node;
  /** Which input of the reader. */
  readonly index: number;
}

/** The main graph and all its sub-graphs, outermost first. */
export function bodiesOf(graph: Graph): Body[] {
  const found: Body[] = [];
  const visit = (body: Body): void => {
    found.push(body);
    for (const node of body.node) for (const inner of subGraphs(node)) visit(inner);
  };
  visit(graph.body);
  return found;
}

/** Float32 weights a body keeps, as initializers or Constant nodes, in the order in which it or its sub-graphs read them. */
export function weightsOf(body: Body): Weight[] {
  const tensors = new Map<string, Tensor>();
  for (const tensor of body.initializer) tensors.set(tensor.name, tensor);
  for (const node of body.node) {
    const value = constantOf(node);
    if (value) tensors.set(node.output[0]!, value);
  }
  for (const output of body.output) tensors.delete(output.name);
  const weights: Weight[] = [];
  const visit = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      node.input.forEach((name, index) => {
        const tensor = tensors.get(name);
        if (tensor?.dataType !== DataType.FLOAT) return;
        tensors.delete(name);
        weights.push({ name, tensor, reader: node, index });
      });
      for (const inner of subGraphs(node)) visit(inner.node);
    }
  };
  visit(body.node);
  return weights;
}

/** Replaces weights of a body: they are dropped, and `nodes`, which make them under their old names, go first. */
export function replaceWeights(
  body: Body,
  names: ReadonlySet<string>,
  stored: readonly Tensor[],
  nodes: readonly Node[],
): void {
  body.initializer = [...body.initializer.filter((t) => !names.has(t.name)), ...stored];
  body.input = body.input.filter((input) => !names.has(input.name));
  body.node = [...nodes, ...body.node.filter((node) => !(constantOf(node) && names.has(node.output[0]!)))];
}

/**
 * Axis of a weight that holds its output channels: each slice along it gets a scale of its own. Undefined: the reader does not
 * multiply by it, so that coarse values would not average out.
 */
export function channelAxis({ tensor, reader, index }: Weight): number | undefined {
  const rank = tensor.dims.length;
  if (rank < 2) return undefined;
  switch (reader.opType) {
    case 'Conv':
      return index === 1 ? 0 : undefined;
    case 'ConvTranspose':
      return index === 1 ? 1 : undefined;
    case 'Gemm':
      if (index > 1) return undefined;
      return reader.attribute.some((a) => a.name === (index === 1 ? 'transB' : 'transA') && a.i !== 0n) ===
        (index === 1)
        ? 0
        : 1;
    case 'MatMul':
      return index === 1 ? rank - 1 : rank - 2;
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      return index === 1 || index === 2 ? 1 : undefined;
    case 'Gather':
      return index === 0 ? 0 : undefined;
    default:
      return undefined;
  }
}
