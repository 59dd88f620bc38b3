import {
  assignNearest,
  assignWithFeedback,
  type Clustering,
  fitCodebooks,
  indicesOf,
  readerOf,
  writeValues,
} from '../cluster/assign.js';
import { indicesPerByte, storeClustered } from '../cluster/store.js';
import { freshNames, hoistConstants, opsetOf, sortNodes } from '../graph.js';
import { nodeName } from '../node.js';
import { calibrationOf, definePass, notApplicable } from '../pass.js';
import { sizeOf } from '../sizes.js';
import { floatsOf } from '../tensor.js';
import { bodiesOf, channelAxis, type Weight, weightsOf } from '../weights/bodies.js';

/** Bytes of nodes, names and shapes that a weight in a codebook costs besides its indices. */
const overhead = 180;

/** Weights take a few values each: what is stored, and sent, is which. */
export const clusterWeights = definePass({
  name: 'cluster-weights',
  version: 1,
  summary: 'Weights share a few values: a codebook and small indices, a far smaller file at the same speed',
  parameters: {
    clusters: { type: 'integer', min: 2, max: 256, default: 16, description: 'Values a codebook has' },
    scope: {
      type: 'string',
      values: ['layer', 'global'],
      default: 'layer',
      description: 'A codebook for each weight, or one for all',
    },
    scale: {
      type: 'string',
      values: ['channel', 'none'],
      default: 'channel',
      description:
        'Whether the codebook is scaled for each output channel; for storage plain it never is, as that would make more values',
    },
    storage: {
      type: 'string',
      values: ['codebook', 'plain'],
      default: 'codebook',
      description:
        'Packed indices that the runtime turns into float32 once, at load; or float32 as before, small only when compressed',
    },
    feedback: {
      type: 'boolean',
      default: false,
      description:
        'Let each weight make up for the rounding of those before it, on calibration data: far better below 32 clusters',
    },
    'bit-price': {
      type: 'number',
      min: 0,
      max: 1,
      default: 0,
      description:
        'Squared error, as a share of the mean square of the weights, worth one bit of the compressed file: draws rare values to frequent ones',
    },
    'keep-zeros': {
      type: 'boolean',
      default: true,
      description: 'Weights of a pruned layer that are zero stay zero',
    },
    'min-size': {
      type: 'integer',
      min: 1,
      max: 1_000_000_000,
      default: 256,
      description: 'Weights with fewer values are left alone',
    },
    'exclude-nodes': { type: 'names', default: [], description: 'Names of nodes whose weights are left alone' },
  },
  needsCalibration: ({ feedback }) => feedback,
  async apply(graph, parameters, context) {
    const { clusters, storage } = parameters;
    const opset = opsetOf(graph);
    // Operator set 7 brought the broadcasting that scales rely on.
    if (storage === 'codebook' && opset < 7)
      throw notApplicable(
        'cluster-weights',
        `operator set ${opset} is too old for a codebook: use storage plain, or export the model with 13 or newer`,
        graph.body.node[0],
      );
    hoistConstants(graph);
    sortNodes(graph);
    const excluded = new Set(parameters['exclude-nodes']);
    const scaled = storage === 'codebook' && parameters.scale === 'channel';
    const shared = parameters.scope === 'global';
    const worth = (weight: Weight): boolean => {
      const axis = channelAxis(weight);
      const size = sizeOf(weight.tensor.dims);
      if (axis === undefined || size < parameters['min-size'] || excluded.has(nodeName(weight.reader))) return false;
      const scales = scaled ? 4 * Number(weight.tensor.dims[axis]) : 0;
      const cost = size / indicesPerByte(clusters) + (shared ? 0 : 4 * clusters) + scales + overhead;
      return (storage === 'plain' || cost < 4 * size) && floatsOf(weight.tensor)!.every(Number.isFinite);
    };
    const found = bodiesOf(graph).flatMap((body) =>
      weightsOf(body)
        .filter(worth)
        .map((weight) => ({ body, weight })),
    );
    if (found.length === 0)
      throw notApplicable(
        'cluster-weights',
        'it has no float32 weight large enough; a smaller min-size may find one',
        graph.body.node[0],
      );
    const options = {
      clusters,
      shared,
      scaled,
      keepZeros: parameters['keep-zeros'],
      bitPrice: parameters['bit-price'],
    };
    const list = fitCodebooks(found, options);
    const fed = parameters.feedback
      ? await assignWithFeedback(graph, list, calibrationOf(context), options, context)
      : new Set<Clustering>();
    for (const clustering of list) if (!fed.has(clustering)) assignNearest(clustering, options.bitPrice);
    if (storage === 'plain') for (const { weight, data } of list) writeValues(weight.tensor, data);
    else {
      const fresh = freshNames(graph);
      for (const body of new Set(list.map((c) => c.body)))
        storeClustered(
          body,
          list.filter((c) => c.body === body).map((c) => stored(c, scaled)),
          fresh,
          opset,
        );
    }
    context.report(
      `${list.length} weights clustered${parameters.feedback ? `, ${fed.size} with feedback${leftNote(list, fed)}` : ''}`,
    );
    return graph;
  },
});

const stored = (clustering: Clustering, scaled: boolean) => ({
  name: clustering.weight.name,
  dims: clustering.dims,
  codebook: clustering.book.values,
  indices: indicesOf(clustering),
  ...(scaled && { scales: { axis: clustering.axis, values: clustering.scales } }),
});

/** Which weights took the nearest value. */
function leftNote(list: readonly Clustering[], fed: ReadonlySet<Clustering>): string {
  const left = list.filter((c) => !fed.has(c)).map(readerOf);
  return left.length === 0 ? '' : `; without, as their inputs are not seen or shared: ${left.join(', ')}`;
}
