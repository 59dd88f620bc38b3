import { isLabError, type TensorPack } from '@hilltop/contracts';
import { Encoder } from '@toondepauw/node-zstd';
import { type Graph, readGraph } from './graph.js';
import type { Host } from './host.js';
import type { TensorShape } from './host-messages.js';
import { macInputs, macsOfNode } from './macs.js';
import { nodeName } from './node.js';
import { type WeightZeros, weightUse } from './parameters.js';
import { activationNames, lifetimesOf } from './plan/lifetimes.js';
import { planMemory } from './plan/memory.js';
import { dimsOf } from './tensor.js';

/** What one node that runs costs; nodes that only decode weights, or only rename memory, are none. */
export interface LayerCost {
  /** Its name, else its first output. */
  readonly node: string;
  readonly op: string;
  /** Multiply-accumulates of one item; absent where its shapes could not be found, and for nodes with sub-graphs. */
  readonly macs?: number;
  /** Weights it reads; one that several nodes read counts for each. */
  readonly parameters: number;
  /** Bytes of all activations alive while it runs; absent where shapes could not be found. */
  readonly activation_bytes?: number;
}

/** Cost of an artifact that needs no device. Keys but `layers` are metric ids. */
export interface ModelCost {
  /** Weights as they take part in the arithmetic: a 4-bit weight counts as one, scales and shapes do not count. */
  readonly parameters: number;
  /** Share of these that are zero, 0 to 1; absent where there are none, or where their decoding is too intricate to tell. */
  readonly sparsity?: number;
  /** Multiply-accumulates of one item in convolutions and matrix products outside sub-graphs; absent where shapes could not be found. */
  readonly macs?: number;
  /**
   * Arena that the activations of one item need, as `planMemory` lays them out: see `lifetimesOf` for what counts. Absent where
   * shapes could not be found, and where sub-graphs hide tensors.
   */
  readonly activation_peak_bytes?: number;
  readonly size_bytes: number;
  /** Zstandard, level 19. */
  readonly size_compressed_bytes: number;
  /** Nodes of the main graph in the order in which they run. */
  readonly layers: readonly LayerCost[];
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
  const weights = weightUse(graph);
  const zeros = weights.zeros() ?? (await foldedZeros(artifact, options));
  const found = await shapesOf(artifact, graph, options);
  const lifetimes = lifetimesOf(graph, found ?? []);
  const plan = found && lifetimes.unsized.length === 0 ? planMemory(lifetimes.tensors, lifetimes) : undefined;
  const shapes = new Map<string, readonly number[]>(found?.map(({ tensor, dims }) => [tensor, dims]));
  for (const tensor of graph.body.initializer) shapes.set(tensor.name, dimsOf(tensor));
  const running = [...lifetimes.stepOf.keys()];
  const macs = running.map((node) => macsOfNode(node, shapes));
  const layers = running.map((node, i): LayerCost => {
    const hides = lifetimes.hiding.has(node);
    return {
      node: nodeName(node),
      op: node.opType,
      ...(macs[i] !== undefined && !hides && { macs: macs[i] }),
      parameters: weights.byNode.get(node) ?? 0,
      ...(plan && !hides && { activation_bytes: plan.liveBytes[lifetimes.stepOf.get(node)!]! }),
    };
  });
  // Level 19 of a large model takes seconds; off this thread.
  const compressed = await new Encoder(19).encode(
    Buffer.from(artifact.buffer, artifact.byteOffset, artifact.byteLength),
  );
  return {
    parameters: weights.parameters,
    ...(zeros && zeros.of > 0 && { sparsity: zeros.zeros / zeros.of }),
    ...(macs.every((count) => count !== undefined) && { macs: macs.reduce<number>((sum, count) => sum + count!, 0) }),
    ...(plan && lifetimes.hiding.size === 0 && { activation_peak_bytes: plan.arenaBytes }),
    size_bytes: artifact.length,
    size_compressed_bytes: compressed.length,
    layers,
  };
}

/** Zeros of weights whose decoding is intricate: the runtime decodes them as it does when it loads. */
async function foldedZeros(artifact: Uint8Array, { host, signal }: CostOptions): Promise<WeightZeros | undefined> {
  try {
    return weightUse(readGraph(await host.optimize(artifact, { level: 'basic' }, signal))).zeros();
  } catch (error) {
    if (isLabError(error, 'run.model-rejected')) return undefined;
    throw error;
  }
}

/** Types and shapes of all activations, and of decoded weights that take part in products; undefined where the model does not run. */
async function shapesOf(
  artifact: Uint8Array,
  graph: Graph,
  { host, pack, dims, signal }: CostOptions,
): Promise<TensorShape[] | undefined> {
  const made = new Set(graph.body.node.flatMap((node) => node.output));
  const weights = graph.body.node.flatMap(macInputs).filter((name) => made.has(name));
  const names = new Set([...activationNames(graph), ...weights]);
  try {
    return await host.shapes(artifact, [...names], pack ? { pack } : { dims: dims ?? {} }, signal);
  } catch (error) {
    // A model whose dynamic axes cannot all be 1; its cost is unknown, not zero.
    if (isLabError(error, 'run.model-rejected')) return undefined;
    throw error;
  }
}
