import { LabError } from '@hilltop/contracts';
import {
  dropUnused,
  freshNames,
  type Graph,
  hoistConstants,
  type Links,
  linksOf,
  readGraph,
  sortNodes,
  writeGraph,
} from '../graph.js';
import { type Layer, layerOf } from '../layers.js';
import { allocate, choicesOf, type LayerChoices } from '../low-rank/allocate.js';
import { momentsOf } from '../low-rank/moments.js';
import { replaceBySplit } from '../low-rank/rewrite.js';
import { outputSplits, type Split, splitsOf } from '../low-rank/splits.js';
import { floatAttribute, intAttribute, type Node, nodeName } from '../node.js';
import { calibrationOf, definePass, notApplicable, type PassContext } from '../pass.js';
import { recoverByLeastSquares } from '../prune/recover.js';
import { isDepthwise } from '../prune/window.js';
import { shapesOf } from '../shapes.js';

/** Pull of the regression towards the weights there are: as in prune-channels, where it was tuned. */
const strength = 0.003;

/** A layer y = W x as y = U (V x): two thin layers with fewer weights and fewer operations, where W has few directions that matter. */
export const factorizeLowRank = definePass({
  name: 'factorize-low-rank',
  version: 1,
  summary: 'Splits large layers into two thin ones: fewer weights and operations on any device',
  parameters: {
    by: {
      type: 'string',
      values: ['energy', 'ratio', 'rank'],
      default: 'energy',
      description: 'What sets the rank of a layer: the energy to keep, the size to reach, or the rank itself',
    },
    energy: {
      type: 'number',
      min: 0.01,
      max: 1,
      default: 0.95,
      description:
        'Share of the squared singular values, or with whiten of the variance of the outputs, to keep on average over the layers',
    },
    ratio: {
      type: 'number',
      min: 0.01,
      max: 1,
      default: 0.5,
      description: 'Weights left in all layers together, as a share, where by is ratio',
    },
    rank: { type: 'integer', min: 1, max: 100_000, default: 16, description: 'Rank of each layer, where by is rank' },
    'min-saving': {
      type: 'number',
      min: 0,
      max: 0.99,
      default: 0.1,
      description: 'A layer is split only where this share of its weights and of its operations is saved',
    },
    whiten: {
      type: 'boolean',
      default: false,
      description:
        'Keep what matters for the outputs on calibration data, not what is large in the weights: for matrix products; convolutions do better without',
    },
    refit: {
      type: 'boolean',
      default: false,
      description: 'Teach the second of each two layers the outputs of the original by regression on calibration data',
    },
    'exclude-nodes': { type: 'names', default: [], description: 'Names of nodes left whole' },
  },
  needsCalibration: ({ whiten, refit }) => whiten || refit,
  async apply(graph, parameters, context) {
    hoistConstants(graph);
    sortNodes(graph);
    const original = parameters.refit ? readGraph(writeGraph(graph)) : undefined;
    const links = linksOf(graph);
    // One layer's numbers at a time: in double precision those of all would be twice the model.
    const nodes = graph.body.node.filter(
      (node) =>
        isSplittable(node) &&
        isOwn(node.input[1] ?? '', links) &&
        !parameters['exclude-nodes'].includes(nodeName(node)) &&
        layerOf(node, links) !== undefined,
    );
    const moments = parameters.whiten
      ? await momentsOf(graph, nodes, await dimensions(graph, context), calibrationOf(context), context)
      : undefined;
    const splits = (layer: Layer): Split[] => {
      const seen = moments?.get(layer.node.output[0]!);
      return seen && seen.mean.length === layer.outputs ? outputSplits(layer, seen) : splitsOf(layer);
    };
    const options: LayerChoices[] = [];
    const tooLarge: string[] = [];
    for (const [i, node] of nodes.entries()) {
      if (context.signal?.aborted) throw new LabError('run.cancelled', 'cancelled');
      const layer = layerOf(node, links)!;
      const ways = splits(layer);
      if (ways.length === 0) tooLarge.push(nodeName(node));
      options.push(choicesOf(layer, ways, parameters['min-saving']));
      context.progress((i + 1) / (nodes.length + 1));
    }
    const chosen = allocate(options, parameters);
    if (chosen.every((choice) => choice === undefined)) {
      const largest = options.reduce((best, { size }, i) => (size > options[best]!.size ? i : best), 0);
      throw notApplicable(
        'factorize-low-rank',
        nodes.length > 0
          ? 'no layer is worth splitting at this energy or size; the largest is named: lower energy, ratio or min-saving'
          : 'it has no Conv, Gemm or MatMul with a constant weight that could be split outside sub-graphs',
        nodes[largest] ?? graph.body.node[0],
      );
    }
    const fresh = freshNames(graph);
    const notes: string[] = [];
    const kept = new Map<string, number[]>();
    for (const [i, choice] of chosen.entries()) {
      if (!choice) continue;
      const layer = layerOf(nodes[i]!, links)!;
      const thin = splits(layer)
        .find((split) => split.form === choice.form)!
        .thin(choice.rank);
      // A regression changes the bias, which other nodes may read.
      const bias = parameters.refit && layer.hasBias ? { bias: thin.bias ?? layer.bias } : {};
      replaceBySplit(graph, layer, { ...thin, ...bias }, fresh);
      kept.set(layer.node.output[0]!, [...Array(layer.outputs).keys()]);
      notes.push(`${nodeName(layer.node)} ${choice.rank} of ${choice.full} (${choice.form})`);
    }
    graph.body.valueInfo = [];
    const refitted = original ? await refitSplits(original, graph, kept, context) : 0;
    dropUnused(graph);
    context.report(`${notes.length} of ${nodes.length} layers split, to rank ${notes.join(', ')}`);
    if (original) context.report(`${refitted} of them refitted`);
    if (tooLarge.length > 0) context.report(`left whole, too large to decompose: ${tooLarge.join(', ')}`);
    return graph;
  },
});

const dimensions = async (graph: Graph, context: PassContext): Promise<Map<string, readonly number[]>> =>
  new Map((await shapesOf(graph, calibrationOf(context), context)).map((s) => [s.tensor, s.dims]));

/** Fits the second of each two layers, `kept` by their outputs, to what the original gives. Returns how many it could. */
async function refitSplits(
  original: Graph,
  graph: Graph,
  kept: ReadonlyMap<string, readonly number[]>,
  context: PassContext,
): Promise<number> {
  const shapes = await dimensions(graph, context);
  // The regression reads channels from axis 1: not what matrix products of three and more dimensions have there.
  const readable = (output: string): boolean => {
    const rank = shapes.get(output)?.length;
    const conv = graph.body.node.find((node) => node.output[0] === output)?.opType === 'Conv';
    return conv ? rank === 3 || rank === 4 : rank === 2;
  };
  return recoverByLeastSquares(original, graph, {
    calibration: calibrationOf(context),
    context,
    kept: new Map([...kept].filter(([output]) => readable(output))),
    shapes,
    strength,
  });
}

/** Whether a layer's weight is read by nothing else: split twice, a shared one would take more room than whole. */
const isOwn = (weight: string, { consumers, captured }: Links): boolean =>
  consumers.get(weight)?.length === 1 && !captured.has(weight);

/** Whether a layer is one matrix product of its input, scaled by nothing else. */
function isSplittable(node: Node): boolean {
  if (node.opType === 'Conv') return !isDepthwise(node);
  if (node.opType !== 'Gemm') return node.opType === 'MatMul';
  return (
    intAttribute(node, 'transA', 0) === 0 &&
    floatAttribute(node, 'alpha', 1) === 1 &&
    floatAttribute(node, 'beta', 1) === 1
  );
}
