import { dropUnused, hoistConstants, readGraph, sortNodes, writeGraph } from '../graph.js';
import { calibrationOf, definePass, notApplicable } from '../pass.js';
import { type ChannelMap, mapChannels } from '../prune/channels.js';
import { chooseByNorm, chooseByReconstruction, familiesOf } from '../prune/rank.js';
import { filterNorms, readersOf } from '../prune/readers.js';
import { recoverByLeastSquares, recoverByMoments } from '../prune/recover.js';
import { removeChannels, unshareConstants } from '../prune/remove.js';
import { shapesOf } from '../shapes.js';

/**
 * Removes whole channels, so that the model has less to compute on any device; then teaches the layers that are left to answer as
 * before. The same share goes from every group of layers: spreading by estimated damage was tried and was worse at equal arithmetic.
 */
export const pruneChannels = definePass({
  name: 'prune-channels',
  version: 1,
  summary: 'Removes whole channels and refits the rest on calibration data: fewer operations on any device',
  parameters: {
    ratio: { type: 'number', min: 0.01, max: 0.95, default: 0.25, description: 'Share of channels to remove' },
    criterion: {
      type: 'string',
      values: ['reconstruction', 'l2', 'l1'],
      default: 'reconstruction',
      description:
        'What makes a channel dispensable: how well the others stand in for it on calibration data, or small weights',
    },
    multiple: {
      type: 'integer',
      min: 1,
      max: 64,
      default: 8,
      description: 'Channel counts stay multiples of this: kernels compute in blocks',
    },
    recover: {
      type: 'string',
      values: ['least-squares', 'mean-std', 'none'],
      default: 'least-squares',
      description:
        'How the layers left are fitted to the original: by regression, by mean and deviation of their outputs, or not',
    },
    strength: {
      type: 'number',
      min: 1e-6,
      max: 10,
      default: 0.003,
      description: 'How strongly regression is pulled towards the weights there are',
    },
  },
  needsCalibration: () => true,
  async apply(graph, { ratio, criterion, multiple, recover, strength }, context) {
    const calibration = calibrationOf(context);
    hoistConstants(graph);
    unshareConstants(graph);
    sortNodes(graph);
    const original = readGraph(writeGraph(graph));
    const shapes = new Map((await shapesOf(graph, calibration, context)).map((s) => [s.tensor, s.dims]));
    const map = mapChannels(graph, shapes);
    const families = [...familiesOf(map).values()];
    if (families.length === 0)
      throw notApplicable(
        'prune-channels',
        'no channel can be removed: all reach an output or an operator that mixes them',
        graph.body.node[0],
      );
    const counts = families.map((classes) => removable(classes.length, ratio, multiple));
    if (counts.every((count) => count === 0))
      throw notApplicable('prune-channels', 'no layer has a channel to spare', map.producers[0]?.node);
    const readers = criterion === 'reconstruction' ? await readersOf(graph, map, calibration, context) : [];
    const norms = filterNorms(graph, map, criterion === 'l1' ? 1 : 2);
    const removed = new Set(
      families.flatMap((classes, i) =>
        criterion === 'reconstruction'
          ? chooseByReconstruction(classes, readers, counts[i]!)
          : chooseByNorm(classes, norms, counts[i]!),
      ),
    );
    const kept = keptChannels(map, removed);
    removeChannels(graph, map, removed);
    const options = { calibration, context, kept, shapes, strength };
    let refitted = 0;
    if (recover === 'least-squares') refitted = await recoverByLeastSquares(original, graph, options);
    else if (recover === 'mean-std') refitted = await recoverByMoments(original, graph, options);
    dropUnused(graph);
    const all = families.reduce((sum, classes) => sum + classes.length, 0);
    context.report(
      `${removed.size} of ${all} channels removed in ${families.length} groups of layers; ${refitted} layers refitted`,
    );
    return graph;
  },
});

/**
 * How many of `size` channels to remove so that a multiple is left. In narrow layers the multiple is halved until rounding to it
 * neither keeps everything nor takes more than twice the share.
 */
function removable(size: number, ratio: number, multiple: number): number {
  const keep = Math.max(multiple, Math.round((size * (1 - ratio)) / multiple) * multiple);
  const removed = Math.max(0, size - keep);
  if (multiple > 1 && (removed === 0 || removed > 2 * ratio * size))
    return removable(size, ratio, Math.floor(multiple / 2));
  return removed;
}

/** For each weighted node, by its output: the original's channels that are left in it. */
function keptChannels(map: ChannelMap, removed: ReadonlySet<number>): Map<string, number[]> {
  return new Map(
    [...map.producers, ...map.depthwise].map(({ node, channels }) => [
      node.output[0]!,
      [...channels.keys()].filter((i) => !removed.has(map.root(channels[i]!))),
    ]),
  );
}
