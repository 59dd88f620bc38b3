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
import { calibrationOf, definePass, notApplicable } from '../pass.js';
import { leftNote, planQuantization } from '../quantize/plan.js';
import { rewriteQuantized } from '../quantize/rewrite.js';
import { shapesOf } from '../shapes.js';

/** 8-bit weights and activations in QDQ form: the runtime fuses each DQ-operator-Q into one integer kernel. */
export const quantizeStatic = definePass({
  name: 'quantize-static',
  version: 1,
  summary: '8-bit weights and activations, ranges from calibration data',
  parameters: {
    activations: {
      type: 'string',
      values: ['uint8', 'int8'],
      default: 'uint8',
      description:
        'Type of activations. On x64 ONNX Runtime fuses int8 activations only in part; on Arm both are equal',
    },
    'per-channel': {
      type: 'boolean',
      default: true,
      description: 'One scale for each output channel of a weight instead of one for all',
    },
    calibration: {
      type: 'string',
      values: ['minmax', 'percentile'],
      default: 'minmax',
      description: 'Activation ranges: all values seen, or without the outermost ones',
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
    'exclude-types': { type: 'names', default: [], description: 'Operator types left float' },
    'exclude-nodes': { type: 'names', default: [], description: 'Names of nodes left float' },
  },
  needsCalibration: () => true,
  async apply(given, parameters, context) {
    const calibration = calibrationOf(context);
    hoistConstants(given);
    sortNodes(given);
    const shapes = await shapesOf(given, calibration, context);
    const graph = modern(given, shapes);
    const floats = new Set(shapes.filter((t) => t.type === 'float32').map((t) => t.tensor));
    const links = linksOf(graph);
    const plan = planQuantization(graph, links, floats, {
      excludeTypes: parameters['exclude-types'],
      excludeNames: parameters['exclude-nodes'],
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
    const wanted = [...new Set(plan.tensors.values())];
    const percentile = parameters.calibration === 'percentile' ? { percentile: parameters.percentile } : {};
    const seen = await context.host.statistics(
      writeGraph(graph),
      calibration,
      wanted.map((tensor) => ({ kind: 'range', tensor, ...percentile })),
      context.signal,
    );
    const ranges = new Map(seen.flatMap((s) => (s.kind === 'range' ? [[s.tensor, { low: s.low, high: s.high }]] : [])));
    rewriteQuantized(graph, links, plan, ranges, {
      activations: parameters.activations,
      perChannel: parameters['per-channel'],
      weightBits: parameters['reduce-range'] ? 7 : 8,
      domain: opsetOf(graph) >= 13 ? '' : 'com.microsoft',
    });
    raiseIrVersion(graph, 7);
    return graph;
  },
});

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
