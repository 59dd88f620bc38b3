import { freshNames, type Graph, hoistConstants, linksOf, opsetOf, sortNodes, unlistInitializers } from '../graph.js';
import { type Layer, layersOf } from '../layers.js';
import { intAttribute, type Node } from '../node.js';
import { calibrationOf, definePass, notApplicable, type PassContext } from '../pass.js';
import { gramOfLayer } from '../second-order.js';
import { shapesOf } from '../shapes.js';
import { floatsOf } from '../tensor.js';
import { type Bits, blockScales } from '../weights/blocks.js';
import { bodiesOf, weightsOf } from '../weights/bodies.js';
import { storeEightBit } from '../weights/eight-bit.js';
import { roundWithFeedback } from '../weights/feedback.js';
import { fitsFourBit, storeFourBit } from '../weights/four-bit.js';
import { type MatrixWeight, matrixWeights, rowsInBlocks, storeAsNBits } from '../weights/matmul-nbits.js';

/** Values that share a scale where the recipe does not say. */
const usualBlock = 32;

/**
 * Weights stored in few bits, activations and arithmetic float32. The foldable form is turned back into float32 once, when the runtime
 * loads it; MatMulNBits stays in bits and is computed with block by block.
 */
export const quantizeWeights = definePass({
  name: 'quantize-weights',
  version: 2,
  summary: 'Weights stored in 8 or 4 bits, computed in 32: a smaller file, same speed, calibration for feedback only',
  parameters: {
    bits: { type: 'integer', values: [8, 4], default: 8, description: 'Bits of a stored weight' },
    'block-size': {
      type: 'integer',
      values: [0, 16, 32, 64, 128],
      default: 0,
      description:
        'Values that share a scale; 0: all of an output channel for 8 bits, 32 values for 4 bits and for MatMulNBits',
    },
    form: {
      type: 'string',
      values: ['foldable', 'matmul-nbits'],
      default: 'foldable',
      description:
        'foldable: unpacked at load, full speed and memory; matmul-nbits: the matrices of MatMul and Gemm stay in bits in memory, too, in an operator of ONNX Runtime; other weights are foldable',
    },
    feedback: {
      type: 'boolean',
      default: false,
      description:
        'For 4 bits: rounds so that later weights make up for earlier ones on calibration data (GPTQ), where the inputs of a layer can be seen',
    },
  },
  needsCalibration: ({ feedback, bits }) => feedback && bits === 4,
  async apply(graph, { bits: given, 'block-size': size, form, feedback }, context) {
    const bits: Bits = given === 4 ? 4 : 8;
    const opset = opsetOf(graph);
    // Opset 7 brought the broadcasting the unpacking relies on.
    if (opset < 7)
      throw notApplicable(
        'quantize-weights',
        `operator set ${opset} is too old: export the model with 13 or newer`,
        graph.body.node[0],
      );
    const blockSize = size || usualBlock;
    const matrices = (): MatrixWeight[] => (form === 'matmul-nbits' ? matrixWeights(graph, { bits, blockSize }) : []);
    const scales =
      feedback && bits === 4
        ? await fitScales(graph, matrices, blockSize, context)
        : new Map<string, Float32Array<ArrayBuffer>>();
    const fresh = freshNames(graph);
    const kept = matrices();
    if (kept.length > 0) storeAsNBits(graph, kept, fresh, { bits, blockSize, scales });
    let stored = kept.length;
    for (const body of bodiesOf(graph)) {
      if (bits === 4) stored += storeFourBit(body, fresh, { blockSize, opset, scales });
      // What 4 bits are too coarse for (depthwise filters) takes 8.
      stored += storeEightBit(body, fresh, bits === 8 ? size : 0);
    }
    if (stored === 0)
      throw notApplicable('quantize-weights', 'it has no float32 weight large enough', graph.body.node[0]);
    context.report(`${stored} weights stored`);
    if (form === 'matmul-nbits')
      context.report(
        kept.length > 0
          ? `${kept.length} of them as MatMulNBits`
          : 'none as MatMulNBits: it has no MatMul or Gemm with a constant matrix',
      );
    if (feedback)
      context.report(bits === 4 ? `${scales.size} of them rounded with feedback` : 'feedback is for 4 bits: not used');
    unlistInitializers(graph);
    return graph;
  },
});

/**
 * Rounds the layers of the main graph to their grids with feedback, one after the other, so that each sees what those before it became.
 * Returns the scales of the weights it changed, by name.
 */
async function fitScales(
  graph: Graph,
  matrices: () => readonly MatrixWeight[],
  blockSize: number,
  context: PassContext,
): Promise<Map<string, Float32Array<ArrayBuffer>>> {
  const calibration = calibrationOf(context);
  hoistConstants(graph);
  sortNodes(graph);
  const shapes = new Map((await shapesOf(graph, calibration, context)).map((s) => [s.tensor, s.dims]));
  const asMatrix = new Map(matrices().map((m) => [m.constant.name, m]));
  const plain = new Set(
    weightsOf(graph.body)
      .filter(fitsFourBit)
      .map((w) => w.name),
  );
  const links = linksOf(graph);
  const chosen = new Map<string, Float32Array<ArrayBuffer>>();
  const layers = layersOf(graph);
  for (const [done, layer] of layers.entries()) {
    context.progress(done / layers.length);
    const { name } = layer.tensor;
    const matrix = asMatrix.get(name);
    const shared = (links.consumers.get(name)?.length ?? 0) > 1 || links.captured.has(name);
    if (shared || !(matrix || plain.has(name))) continue;
    const moments = await gramOfLayer(graph, layer, shapes, calibration, context);
    if (!moments) continue;
    const scales = blockScales(matrix ? rowsInBlocks(matrix, blockSize) : floatsOf(layer.tensor)!, blockSize, 4);
    const place = matrix ? inRows(matrix, blockSize) : inMemory(layer);
    const { weight, bias } = roundWithFeedback(layer, moments, { scales, blockSize, bits: 4, place });
    layer.write(graph, weight, bias);
    chosen.set(name, scales);
  }
  return chosen;
}

/** Where a value of a layer lies in `rowsInBlocks`. */
function inRows({ inputs }: MatrixWeight, blockSize: number): (output: number, column: number) => number {
  const width = Math.ceil(inputs / blockSize) * blockSize;
  return (output, column) => output * width + column;
}

/** Where a value of a layer lies in the stored tensor. */
function inMemory({ node, outputs, columns }: Layer): (output: number, column: number) => number {
  return outputsLast(node)
    ? (output, column) => column * outputs + output
    : (output, column) => output * columns + column;
}

const outputsLast = (node: Node): boolean =>
  node.opType === 'MatMul' || (node.opType === 'Gemm' && intAttribute(node, 'transB', 0) === 0);
