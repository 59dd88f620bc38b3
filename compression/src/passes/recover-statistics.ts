import { LabError } from '@hilltop/contracts';
import { hoistConstants, linksOf, readGraph, sortNodes } from '../graph.js';
import { type Node, nodeName } from '../node.js';
import { calibrationOf, definePass, notApplicable } from '../pass.js';
import { adjustableOf, adjustNode, constantTensors } from '../statistics/adjust.js';
import { adjustmentOf } from '../statistics/match.js';
import { type ChannelMoments, momentsByTensor } from '../statistics/moments.js';

/**
 * Gives every channel of every layer the mean and deviation it has in the model before the first step: what rounding, pruning and
 * clustering change most and what costs least to mend. One layer after the other, so that each sees inputs already mended.
 */
export const recoverStatistics = definePass({
  name: 'recover-statistics',
  version: 1,
  summary: 'Matches mean and deviation of each layer with the model before the first step',
  parameters: {
    match: {
      type: 'string',
      values: ['mean-std', 'mean'],
      default: 'mean-std',
      description: 'What is matched: mean and standard deviation of each channel, or the mean alone, by the biases',
    },
    'exclude-nodes': { type: 'names', default: [], description: 'Names of nodes left as they are' },
  },
  needsCalibration: () => true,
  async apply(graph, { match, 'exclude-nodes': excluded }, context) {
    const calibration = calibrationOf(context);
    hoistConstants(graph);
    sortNodes(graph);
    const source = readGraph(context.source);
    const links = linksOf(graph);
    const constant = constantTensors(graph, links);
    const made = new Set(source.body.node.flatMap((node) => node.output));
    const layers = graph.body.node.flatMap((node) => {
      const form = adjustableOf(node, links, constant);
      return form && !excluded.includes(nodeName(node)) ? [{ node, form, output: node.output[0]! }] : [];
    });
    const named = layers.filter(({ form, output }) => (form.shift || form.gain) && made.has(output));
    const wanted = named.map(({ node, output }) => ({ tensor: output, last: node.opType === 'MatMul' }));
    const theirs = named.length > 0 ? await momentsByTensor(source, wanted, calibration, context) : new Map();
    const left: Node[] = layers.filter((layer) => !named.includes(layer)).map(({ node }) => node);
    let matched = 0;
    let changed = 0;
    for (const [i, { node, form }] of named.entries()) {
      if (context.signal?.aborted) throw new LabError('run.cancelled', 'cancelled');
      const goal: ChannelMoments | undefined = theirs.get(node.output[0]!);
      const ours = (await momentsByTensor(graph, [wanted[i]!], calibration, context)).get(node.output[0]!);
      if (!goal || !ours || goal.mean.length !== ours.mean.length) left.push(node);
      else {
        matched++;
        const adjustment = adjustmentOf(ours, goal, { ...form, gain: form.gain && match === 'mean-std' });
        if (adjustment) {
          adjustNode(graph, node, adjustment);
          changed++;
        }
      }
      context.progress((i + 1) / named.length);
    }
    if (matched === 0)
      throw notApplicable(
        'recover-statistics',
        layers.length === 0
          ? 'it has no Conv, Gemm or MatMul with a constant weight'
          : 'no layer has an output that the model before the first step has, too, and a weight or bias to change',
        layers[0]?.node ?? graph.body.node[0],
      );
    context.report(`${changed} of ${layers.length} layers changed, ${matched - changed} were alike already`);
    const biasOnly = match === 'mean-std' ? named.filter(({ form }) => !form.gain).length : 0;
    if (biasOnly > 0) context.report(`${biasOnly} layers: the mean alone, their weights stay as integers`);
    if (left.length > 0)
      context.report(
        `left alone, having no counterpart of the same name and size or no place for a change: ${left.map(nodeName).join(', ')}`,
      );
    return graph;
  },
});
