import type { TensorPack } from '@hilltop/contracts';
import { type Graph, type Links, linksOf } from '../graph.js';
import type { StatisticRequest } from '../host-messages.js';
import { layerOf } from '../layers.js';
import type { Node } from '../node.js';
import type { PassContext } from '../pass.js';
import { dimsOf } from '../tensor.js';
import { besideOriginal, originalName } from './merge.js';
import { refit } from './refit.js';
import { isDepthwise, windowOf } from './window.js';

export interface RecoverOptions {
  readonly calibration: TensorPack;
  readonly context: PassContext;
  /** Output tensor -> the original's channels that are left in it. */
  readonly kept: ReadonlyMap<string, readonly number[]>;
  /** Dimensions of the original's activations; those behind the channels still hold. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Pull towards the weights there are: see `refit`. */
  readonly strength: number;
}

/** Rows wanted for each layer: several times the columns of the largest window that is refitted. */
const wantedRows = 8192;
/** Larger windows would need more memory and rows than there are; such layers are matched by mean and deviation. */
const maxColumns = 2400;

/**
 * Teaches the pruned graph the original's layers on calibration data, one layer after the other, so that each also corrects what
 * went wrong before it. Returns how many layers were refitted.
 */
export async function recoverByLeastSquares(original: Graph, pruned: Graph, options: RecoverOptions): Promise<number> {
  let done = 0;
  for (const node of [...pruned.body.node]) {
    const kept = options.kept.get(node.output[0] ?? '');
    if (!kept) continue;
    const links = linksOf(pruned);
    const layer = windowedLayer(node, links, options.shapes.get(node.input[0]!) ?? []);
    if (!layer) continue;
    if (layer.windowColumns > maxColumns) {
      await matchMoments(original, pruned, node, options);
      continue;
    }
    const sum = residualOf(pruned, node, links);
    const target = originalName(sum?.output ?? node.output[0]!);
    const request: StatisticRequest = {
      kind: 'gram',
      tensor: node.input[0]!,
      geometry: layer.window,
      perItem: Math.max(1, Math.ceil(wantedRows / options.calibration.items)),
      target: { tensor: target, channels: kept, ...(sum && { minus: sum.other }) },
    };
    const merged = besideOriginal(original, pruned, [request.tensor, target, ...(sum ? [sum.other] : [])]);
    const [sums] = await options.context.host.statistics(
      merged,
      options.calibration,
      [request],
      options.context.signal,
    );
    if (sums?.kind !== 'gram' || sums.targets !== layer.outputs) continue;
    const solved = refit(sums, layer.weight, options.strength, { depthwise: isDepthwise(node), bias: layer.hasBias });
    layer.write(pruned, solved.weight, solved.bias);
    done++;
  }
  return done;
}

/** Matches mean and deviation of each layer's outputs with the original's, layer by layer. Returns how many layers were matched. */
export async function recoverByMoments(original: Graph, pruned: Graph, options: RecoverOptions): Promise<number> {
  let done = 0;
  for (const node of [...pruned.body.node]) {
    if (options.kept.has(node.output[0] ?? '') && (await matchMoments(original, pruned, node, options))) done++;
  }
  return done;
}

async function matchMoments(
  original: Graph,
  pruned: Graph,
  node: Node,
  { calibration, context, kept, shapes }: RecoverOptions,
): Promise<boolean> {
  const layer = windowedLayer(node, linksOf(pruned), shapes.get(node.input[0]!) ?? []);
  const output = node.output[0]!;
  if (!layer) return false;
  const [theirs, ours] = await context.host.statistics(
    besideOriginal(original, pruned, [originalName(output), output]),
    calibration,
    [
      { kind: 'channels', tensor: originalName(output) },
      { kind: 'channels', tensor: output },
    ],
    context.signal,
  );
  if (theirs?.kind !== 'channels' || ours?.kind !== 'channels' || ours.mean.length !== layer.outputs) return false;
  const weight = Float64Array.from(layer.weight);
  const bias = new Float64Array(layer.outputs);
  const columns = weight.length / layer.outputs;
  kept.get(output)!.forEach((channel, o) => {
    // A channel that hardly moves tells nothing about its gain; beyond a factor of four it is noise.
    const gain = ours.deviation[o]! > 1e-6 ? Math.min(4, theirs.deviation[channel]! / ours.deviation[o]!) : 1;
    for (let i = 0; i < columns; i++) weight[o * columns + i] = weight[o * columns + i]! * gain;
    bias[o] = (layer.bias[o]! - ours.mean[o]!) * gain + theirs.mean[channel]!;
  });
  layer.write(pruned, weight, bias);
  return true;
}

/** The layer of a node with the window it reads its input through. */
function windowedLayer(node: Node, links: Links, inputDims: readonly number[]) {
  const layer = layerOf(node, links);
  const window = layer && windowOf(node, dimsOf(layer.tensor), inputDims);
  // The window of a depthwise layer holds the columns of all its outputs.
  return (
    window && { ...layer, window, windowColumns: isDepthwise(node) ? layer.columns * layer.outputs : layer.columns }
  );
}

/**
 * The Add that joins a node's output with another branch computed before: the node is then taught the sum less that branch, which
 * mends what the branch lost, too.
 */
export function residualOf(graph: Graph, node: Node, links: Links): { output: string; other: string } | undefined {
  const readers = links.consumers.get(node.output[0]!) ?? [];
  const add = readers[0]?.node;
  if (readers.length !== 1 || add?.opType !== 'Add' || links.outputs.has(node.output[0]!)) return undefined;
  const other = add.input[1 - readers[0]!.index]!;
  const maker = links.producer.get(other);
  if (!maker || links.constants.has(other) || graph.body.node.indexOf(maker) > graph.body.node.indexOf(node))
    return undefined;
  return { output: add.output[0]!, other };
}
