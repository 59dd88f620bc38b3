import { dropUnused, type Graph, hoistConstants, opsetOf, readGraph, sortNodes, writeGraph } from '../graph.js';
import { raiseOpset } from '../opset.js';
import { definePass, notApplicable } from '../pass.js';
import { quantizeProducts } from '../quantize/dynamic.js';
import { checkExcluded, leftNote } from '../quantize/left.js';

/**
 * 8-bit weights of matrix products and LSTMs; each run rounds what is multiplied with them by its own range. For nets that are mostly MatMul and
 * Gemm: convolutions stay float, their kernel for such integers is slow.
 */
export const quantizeDynamic = definePass({
  name: 'quantize-dynamic',
  version: 1,
  summary: '8-bit weights; activations are rounded as they come, without calibration',
  parameters: {
    'per-channel': {
      type: 'boolean',
      default: true,
      description: 'One scale for each output channel of a weight instead of one for all',
    },
    'reduce-range': {
      type: 'boolean',
      default: false,
      description: '7-bit weights: for AVX2 and AVX-512 processors without VNNI, whose sums saturate',
    },
    'exclude-nodes': {
      type: 'names',
      default: [],
      description: 'Names of nodes left float; a node without a name goes by its first output',
    },
  },

  async apply(given, parameters, { report }) {
    checkExcluded('quantize-dynamic', given, parameters['exclude-nodes']);
    const graph = modern(given);
    hoistConstants(graph);
    sortNodes(graph);
    const { done, left, convolutions } = quantizeProducts(graph, {
      perChannel: parameters['per-channel'],
      weightBits: parameters['reduce-range'] ? 7 : 8,
      excludeNames: parameters['exclude-nodes'],
    });
    if (done === 0) {
      const first = left[0];
      throw notApplicable(
        'quantize-dynamic',
        first
          ? `nothing to quantize: ${first.node.opType} stays float because ${first.why}`
          : 'it has no MatMul, Gemm or LSTM with weights: quantize-static is for convolutions, quantize-weights for any',
        first?.node ?? convolutions[0] ?? graph.body.node[0],
      );
    }
    const note = leftNote(left);
    if (note) report(note);
    if (convolutions.length > 0)
      report(`${convolutions.length} Conv left float: with ranges found as they come, integers are slower there`);
    dropUnused(graph);
    return graph;
  },
});

/** The graph in operator set 11 or newer, which has DynamicQuantizeLinear. Throws `pass.not-applicable`. */
function modern(graph: Graph): Graph {
  if (opsetOf(graph) >= 11) return graph;
  const raised = readGraph(writeGraph(graph));
  const stuck = raiseOpset(raised, new Map());
  if (!stuck) return raised;
  throw notApplicable(
    'quantize-dynamic',
    `${stuck.opType} of operator set ${opsetOf(graph)} has no newer form: export the model with 13 or newer`,
    stuck,
  );
}
