import { hoistConstants, sortNodes } from '../graph.js';
import { countZeros } from '../magnitude/counts.js';
import { pruneLayers } from '../magnitude/prune-layers.js';
import { prunableWeights } from '../magnitude/weights.js';
import { nodeName } from '../node.js';
import { parametersOf } from '../parameters.js';
import { calibrationOf, definePass, notApplicable } from '../pass.js';
import { shapesOf } from '../shapes.js';

/**
 * Sets single weights to zero. Runtimes compute with them all the same: what is gained is the compressed size, and less to quantize or to
 * cluster. Without calibration data the smallest go and the rest stays; with it the zeros are chosen by what they do to the layer's output,
 * and the weights left are refitted to the original's outputs, one layer after the other.
 */
export const pruneMagnitude = definePass({
  name: 'prune-magnitude',
  version: 1,
  summary: 'Sets weights to zero and refits the rest on calibration data: the file compresses better',
  parameters: {
    sparsity: {
      type: 'number',
      min: 0,
      max: 0.99,
      default: 0.5,
      description:
        'Share of the weights of layers that become zero; biases, tables, filters of fewer than 16 values stay',
    },
    scope: {
      type: 'string',
      values: ['layer', 'channel', 'global'],
      default: 'global',
      description: 'Where the share holds: in each layer, in each output channel, or in the whole model',
    },
    criterion: {
      type: 'string',
      values: ['reconstruction', 'magnitude'],
      default: 'reconstruction',
      description:
        'What makes a weight dispensable: how well the others stand in for it on calibration data, or its size',
    },
    recover: {
      type: 'string',
      values: ['least-squares', 'none'],
      default: 'least-squares',
      description: 'Whether the weights left are fitted to the outputs of the original on calibration data',
    },
    pattern: {
      type: 'string',
      values: ['none', '2:4'],
      default: 'none',
      description: 'Zeros anywhere, or two in every four neighbouring input channels (instead of sparsity and scope)',
    },
    strength: {
      type: 'number',
      min: 1e-6,
      max: 10,
      default: 0.003,
      description: 'How strongly regression is pulled towards the weights there are',
    },
    'exclude-first': { type: 'boolean', default: false, description: 'Leaves the first layer as it is' },
    'exclude-last': { type: 'boolean', default: false, description: 'Leaves the last layer as it is' },
    'exclude-nodes': { type: 'names', default: [], description: 'Names of nodes whose weights stay as they are' },
  },
  needsCalibration: ({ criterion, recover }) => criterion === 'reconstruction' || recover === 'least-squares',
  async apply(graph, parameters, context) {
    const { criterion, recover, strength, scope, sparsity } = parameters;
    hoistConstants(graph);
    sortNodes(graph);
    const all = prunableWeights(graph);
    const untouched = new Set([
      ...parameters['exclude-nodes'],
      ...(parameters['exclude-first'] ? all.slice(0, 1) : []).map(({ reader }) => nodeName(reader)),
      ...(parameters['exclude-last'] ? all.slice(-1) : []).map(({ reader }) => nodeName(reader)),
    ]);
    const weights = all.filter(({ reader }) => !untouched.has(nodeName(reader)));
    if (weights.length === 0)
      throw notApplicable(
        'prune-magnitude',
        all.length > 0 ? 'all its layers are excluded' : 'it has no layer with float weights to spare',
        all[0]?.reader ?? graph.body.node[0],
      );
    const learn = criterion === 'reconstruction' || recover === 'least-squares';
    const calibration = learn ? calibrationOf(context) : undefined;
    const shapes = new Map(
      calibration ? (await shapesOf(graph, calibration, context)).map((s) => [s.tensor, s.dims]) : [],
    );
    const pattern = parameters.pattern === '2:4' ? { zeros: 2, of: 4 } : undefined;
    const counts = await countZeros(graph, weights, {
      sparsity,
      scope,
      ...(pattern && { pattern }),
      ...(criterion === 'reconstruction' && calibration && { measured: { calibration, shapes, context } }),
    });
    const jobs = weights.map((weight, i) => ({
      weight,
      choice: {
        rows: weight.rows,
        columns: weight.columns,
        positions: weight.positions,
        scope: scope === 'channel' ? ('channel' as const) : ('layer' as const),
        count: counts[i]!,
        ...(pattern && { pattern }),
      },
    }));
    const { zeros, refitted, bySize } = await pruneLayers(graph, jobs, {
      context,
      reconstruct: criterion === 'reconstruction',
      refit: recover === 'least-squares',
      ...(calibration && { calibration }),
      shapes,
      strength,
      untouched,
    });
    const values = weights.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
    const percent = (whole: number): string => `${((100 * zeros) / whole).toFixed(1)} %`;
    context.report(
      `${zeros} of ${values} weights of ${weights.length} layers are zero (${percent(values)}): ${percent(parametersOf(graph))} of the whole model${refitted > 0 ? `; ${refitted} layers refitted` : ''}`,
    );
    if (bySize.length > 0)
      context.report(
        `pruned by size alone, for want of windows to learn from or because others share the weight: ${bySize.join(', ')}`,
      );
    return graph;
  },
});
