import { type Graph, type Links, linksOf } from './graph.js';
import { floatAttribute, intAttribute, type Node, type Tensor } from './node.js';
import { DataType, dimsOf, float32Tensor, floatsOf } from './tensor.js';

/**
 * A Conv, Gemm or MatMul with a constant float weight as a linear layer, whatever way its operator stores it: row `o` of `weight`
 * makes output `o`. A Conv's row is ordered channel of its group, kernel row, kernel column.
 */
export interface Layer {
  readonly node: Node;
  readonly tensor: Tensor;
  readonly outputs: number;
  /** Values of one row. */
  readonly columns: number;
  /** `outputs` x `columns`, a copy. */
  readonly weight: Float64Array;
  /** Whether the operator has a place for a bias. */
  readonly hasBias: boolean;
  /** One value for each output, a copy; zeros where there is none. */
  readonly bias: Float64Array;
  /** Puts a weight, and a bias where the operator has one, into the graph under the names there are. A weight shared with another node changes there, too. */
  write(graph: Graph, weight: Float64Array, bias?: Float64Array): void;
}

/** The layer of a node of the main graph; undefined for other operators, computed weights, odd biases and products that are scaled. */
export function layerOf(node: Node, links: Links): Layer | undefined {
  if (!['Conv', 'Gemm', 'MatMul'].includes(node.opType)) return undefined;
  // Such a product is no layer, whose outputs are weight times input plus bias.
  if (node.opType === 'Gemm' && (floatAttribute(node, 'alpha', 1) !== 1 || floatAttribute(node, 'beta', 1) !== 1))
    return undefined;
  const tensor = links.constants.get(node.input[1] ?? '');
  // `write` makes float32: other types would no longer fit their operators.
  const data = tensor?.dataType === DataType.FLOAT ? floatsOf(tensor) : undefined;
  if (!tensor || !data) return undefined;
  const dims = dimsOf(tensor);
  if (node.opType === 'Conv' ? dims.length < 3 : dims.length !== 2) return undefined;
  const transposed = node.opType === 'MatMul' || (node.opType === 'Gemm' && intAttribute(node, 'transB', 0) === 0);
  const outputs = transposed ? dims[1]! : dims[0]!;
  const columns = data.length / outputs;
  const weight = new Float64Array(data.length);
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < columns; i++) weight[o * columns + i] = data[transposed ? i * outputs + o : o * columns + i]!;
  const given = node.opType === 'MatMul' ? '' : (node.input[2] ?? '');
  const biasTensor = links.constants.get(given);
  if (given !== '' && !biasTensor) return undefined;
  const bias = Float64Array.from((biasTensor && floatsOf(biasTensor)) ?? new Float32Array(outputs));
  if (bias.length !== outputs) return undefined;
  return {
    node,
    tensor,
    outputs,
    columns,
    weight,
    hasBias: node.opType !== 'MatMul',
    bias,
    write(graph, newWeight, newBias) {
      const stored = Float32Array.from(
        { length: data.length },
        (_, k) => newWeight[transposed ? (k % outputs) * columns + Math.floor(k / outputs) : k]!,
      );
      putInitializer(graph, float32Tensor(tensor.name, dims, stored));
      if (node.opType === 'MatMul' || !newBias) return;
      const name = given || `${tensor.name}.bias`;
      putInitializer(
        graph,
        float32Tensor(name, biasTensor ? dimsOf(biasTensor) : [outputs], Float32Array.from(newBias)),
      );
      node.input = [node.input[0]!, node.input[1]!, name];
    },
  };
}

/** All layers of the main graph, in the order of its nodes. Run `hoistConstants` first: `write` makes initializers. */
export function layersOf(graph: Graph): Layer[] {
  const links = linksOf(graph);
  return graph.body.node.flatMap((node) => layerOf(node, links) ?? []);
}

/** Adds an initializer, or replaces the one of its name. */
export function putInitializer(graph: Graph, tensor: Tensor): void {
  const at = graph.body.initializer.findIndex((t) => t.name === tensor.name);
  if (at < 0) graph.body.initializer.push(tensor);
  else graph.body.initializer[at] = tensor;
}
