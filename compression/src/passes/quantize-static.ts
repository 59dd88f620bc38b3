import {
  type Graph,
  hoistConstants,
  linksOf,
  opsetOf,
  raiseIrVersion,
  readGraph,
  sortNodes,
  writeGraph,
} from '../graph.js';
import type { TensorShape } from '../host-messages.js';
import { raiseOpset } from '../opset.js';
import { calibrationOf, definePass, notApplicable, type PassContext } from '../pass.js';
import { checkExcluded, leftNote } from '../quantize/left.js';
import { planQuantization, type QuantizationPlan } from '../quantize/plan.js';
import { rewriteQuantized } from '../quantize/rewrite.js';
import { shapesOf } from '../shapes.js';

/** 8-bit weights and activations in QDQ form: the runtime fuses each DQ-operator-Q into one integer kernel. */
export const quantizeStatic = definePass({
  name: 'quantize-static',
  version: 2,
  summary: '8-bit weights and activations, ranges from calibration data',
  parameters: {
    profile: {
      type: 'string',
      values: ['x64', 'arm64', 'portable'],
      default: 'x64',
      description:
        'Integers that suit the processor: x64 with VNNI fuses uint8 activations only; arm64 takes int8; portable is uint8 with 7-bit weights, exact on any processor',
    },
    activations: {
      type: 'string',
      values: ['profile', 'uint8', 'int8'],
      default: 'profile',
      description: 'Type of activations, where it should not be that of the profile',
    },
    'per-channel': {
      type: 'boolean',
      default: true,
      description: 'One scale for each output channel of a weight instead of one for all',
    },
    calibration: {
      type: 'string',
      values: ['minmax', 'percentile', 'mse'],
      default: 'minmax',
      description:
        'Activation ranges: all values seen, or without the outermost ones, or where 8-bit rounding has the least squared error',
    },
    percentile: {
      type: 'number',
      min: 90,
      max: 100,
      default: 99.99,
      description: 'Share of values kept by calibration percentile, in percent',
    },
    'reduce-range': {
      type: 'boolean',
      default: false,
      description: '7-bit weights: for AVX2 and AVX-512 processors without VNNI, whose sums saturate',
    },
    bias: {
      type: 'string',
      values: ['int32', 'float'],
      default: 'int32',
      description:
        'float leaves biases of convolutions as they are: a smaller file, which runtimes older than ONNX Runtime 1.30 may not fuse',
    },
    'exclude-first': { type: 'boolean', default: false, description: 'Leaves the first layer with a weight float' },
    'exclude-last': { type: 'boolean', default: false, description: 'Leaves the last layer with a weight float' },
    'exclude-types': { type: 'names', default: [], description: 'Operator types left float' },
    'exclude-nodes': {
      type: 'names',
      default: [],
      description: 'Names of nodes left float; a node without a name goes by its first output',
    },
  },
  needsCalibration: () => true,
  async apply(given, parameters, context) {
    const calibration = calibrationOf(context);
    checkExcluded('quantize-static', given, parameters['exclude-nodes']);
    hoistConstants(given);
    sortNodes(given);
    const shapes = await shapesOf(given, calibration, context);
    const graph = modern(given, shapes);
    const floats = new Set(shapes.filter((t) => t.type === 'float32').map((t) => t.tensor));
    const links = linksOf(graph);
    const plan = planQuantization(graph, links, floats, {
      excludeTypes: parameters['exclude-types'],
      excludeNames: parameters['exclude-nodes'],
      excludeFirst: parameters['exclude-first'],
      excludeLast: parameters['exclude-last'],
    });
    if (![...plan.nodes].some((node) => ['Conv', 'Gemm', 'MatMul'].includes(node.opType))) {
      const first = plan.left[0];
      throw notApplicable(
        'quantize-static',
        first
          ? `nothing to quantize: ${first.node.opType} stays float because ${first.why}`
          : 'it has no Conv, Gemm or MatMul outside sub-graphs',
        first?.node ?? graph.body.node[0],
      );
    }
    const note = leftNote(plan.left);
    if (note) context.report(note);
    const strange = parameters['exclude-types'].filter((type) => !graph.body.node.some((n) => n.opType === type));
    if (strange.length > 0) context.report(`exclude-types: it has no ${strange.join(', ')}`);
    const ranges = await rangesOf(graph, plan, parameters, context);
    const { profile } = parameters;
    rewriteQuantized(graph, links, plan, ranges, {
      activations:
        parameters.activations === 'profile' ? (profile === 'arm64' ? 'int8' : 'uint8') : parameters.activations,
      perChannel: parameters['per-channel'],
      weightBits: parameters['reduce-range'] || profile === 'portable' ? 7 : 8,
      bias: parameters.bias,
      domain: opsetOf(graph) >= 13 ? '' : 'com.microsoft',
    });
    raiseIrVersion(graph, 7);
    return graph;
  },
});

/** Range of every tensor the plan quantizes. Throws `pass.not-applicable` where calibration data make one infinite. */
async function rangesOf(
  graph: Graph,
  plan: QuantizationPlan,
  { calibration, percentile }: { readonly calibration: string; readonly percentile: number },
  context: PassContext,
): Promise<Map<string, { low: number; high: number }>> {
  const seen = await context.host.statistics(
    writeGraph(graph),
    calibrationOf(context),
    [...new Set(plan.tensors.values())].map((tensor) => ({
      kind: 'range',
      tensor,
      ...(calibration === 'percentile' && { percentile }),
      ...(calibration === 'mse' && { leastError: true }),
    })),
    context.signal,
  );
  const ranges = new Map<string, { low: number; high: number }>();
  for (const statistic of seen) {
    if (statistic.kind !== 'range') continue;
    const { tensor, low, high } = statistic;
    if (!Number.isFinite(high - low))
      throw notApplicable('quantize-static', `on calibration data ${tensor} reaches from ${low} to ${high}`, tensor);
    ranges.set(tensor, { low, high });
  }
  return ranges;
}

/**
 * The graph in operator set 13 or newer, whose QuantizeLinear has scales per channel. Where an operator has no newer form, sets 10
 * to 12 stay and ONNX Runtime's contributed operators do the same. Throws `pass.not-applicable`.
 */
function modern(graph: Graph, shapes: readonly TensorShape[]): Graph {
  const raised = readGraph(writeGraph(graph));
  const stuck = raiseOpset(raised, new Map(shapes.map((s) => [s.tensor, s.dims.length])));
  if (!stuck) return raised;
  if (opsetOf(graph) >= 10) return graph;
  throw notApplicable(
    'quantize-static',
    `${stuck.opType} of operator set ${opsetOf(graph)} has no newer form: export the model with 13 or newer`,
    stuck,
  );
}
