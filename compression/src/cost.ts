import { isLabError, type TensorPack } from '@hilltop/contracts';
import { Encoder } from '@toondepauw/node-zstd';
import { type Graph, readGraph } from './graph.js';
import type { Host } from './host.js';
import { intAttribute, type Node } from './node.js';
import { parametersOf } from './parameters.js';
import { sizeOf } from './sizes.js';
import { dimsOf } from './tensor.js';

/** Cost of an artifact that needs no device. Keys are metric ids. */
export interface ModelCost {
  /** Weights as they take part in the arithmetic: a 4-bit weight counts as one, scales and shapes do not count. */
  readonly parameters: number;
  /** Multiply-accumulates of one item in convolutions and matrix products outside sub-graphs; absent where shapes could not be found. */
  readonly macs?: number;
  readonly size_bytes: number;
  /** Zstandard, level 19. */
  readonly size_compressed_bytes: number;
}

export interface CostOptions {
  readonly host: Host;
  /** Data whose first item gives dynamic axes their size; without it they are 1, or what `dims` says. */
  readonly pack?: TensorPack;
  /** Shape of an input, by name, for models with dynamic axes and no data. */
  readonly dims?: Readonly<Record<string, readonly number[]>>;
  readonly signal?: AbortSignal;
}

/** Cost of a checked model; its shapes are found by running it once in the host. Throws the codes of Host but for a failed run. */
export async function modelCost(artifact: Uint8Array, options: CostOptions): Promise<ModelCost> {
  const graph = readGraph(artifact);
  const macs = await macsOf(artifact, graph, options);
  // Level 19 of a large model takes seconds; off this thread.
  const compressed = await new Encoder(19).encode(
    Buffer.from(artifact.buffer, artifact.byteOffset, artifact.byteLength),
  );
  return {
    parameters: parametersOf(graph),
    ...(macs !== undefined && { macs }),
    size_bytes: artifact.length,
    size_compressed_bytes: compressed.length,
  };
}

/** Index of the weight among a node's inputs, for the operators that multiply and accumulate. */
const weightInput: Readonly<Record<string, number>> = {
  Conv: 1,
  FusedConv: 1,
  ConvInteger: 1,
  QLinearConv: 3,
  ConvTranspose: 1,
  Gemm: 1,
  FusedGemm: 1,
  QGemm: 3,
  MatMul: 1,
  FusedMatMul: 1,
  MatMulInteger: 1,
  QLinearMatMul: 3,
  DynamicQuantizeMatMul: 1,
  MatMulIntegerToFloat: 1,
  MatMulNBits: 1,
};

async function macsOf(
  artifact: Uint8Array,
  graph: Graph,
  { host, pack, dims, signal }: CostOptions,
): Promise<number | undefined> {
  const nodes = graph.body.node.filter((node) => weightInput[node.opType] !== undefined);
  if (nodes.length === 0) return 0;
  const shapes = new Map<string, readonly number[]>();
  for (const tensor of graph.body.initializer) shapes.set(tensor.name, dimsOf(tensor));
  const made = new Set(graph.body.node.flatMap((node) => node.output));
  const wanted = [
    ...new Set(nodes.flatMap((node) => [node.input[0]!, node.input[weightInput[node.opType]!]!, node.output[0]!])),
  ].filter((name) => made.has(name));
  const inputs = graph.body.input.map((input) => input.name).filter((name) => !shapes.has(name));
  try {
    const seen = await host.shapes(artifact, [...wanted, ...inputs], pack ? { pack } : { dims: dims ?? {} }, signal);
    for (const { tensor, dims: found } of seen) shapes.set(tensor, found);
  } catch (error) {
    // A model whose dynamic axes cannot all be 1; its cost is unknown, not zero.
    if (isLabError(error, 'run.model-rejected')) return undefined;
    throw error;
  }
  let total = 0;
  for (const node of nodes) {
    const macs = macsOfNode(node, shapes);
    if (macs === undefined) return undefined;
    total += macs;
  }
  return total;
}

function macsOfNode(node: Node, shapes: ReadonlyMap<string, readonly number[]>): number | undefined {
  const weight = shapes.get(node.input[weightInput[node.opType]!]!);
  const input = shapes.get(node.input[0]!);
  const output = shapes.get(node.output[0]!);
  if (!output || !input) return undefined;
  if (node.opType === 'MatMulNBits') return sizeOf(output) * intAttribute(node, 'K', 0);
  if (!weight || weight.length === 0) return undefined;
  if (node.opType === 'ConvTranspose') return (sizeOf(input) * sizeOf(weight)) / weight[0]!;
  if (node.opType.includes('Conv')) return (sizeOf(output) * sizeOf(weight)) / weight[0]!;
  if (node.opType.includes('Gemm'))
    return sizeOf(output) * (intAttribute(node, 'transB', 0) !== 0 ? weight[1]! : weight[0]!);
  return sizeOf(output) * input.at(-1)!;
}
