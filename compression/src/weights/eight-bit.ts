import { type Body, makeNode, type Node, type Tensor } from '../node.js';
import { quantizeWeight } from '../quantize/integers.js';
import { DataType, dimsOf, float32Tensor, floatsOf, int8Tensor, int64Tensor } from '../tensor.js';
import { blockScales, writeSteps } from './blocks.js';
import { channelAxis, replaceWeights, type Weight, weightsOf } from './bodies.js';

/** Bytes of two nodes, names and shapes that a stored weight costs besides its values. */
const overhead = 120;

/**
 * Stores a body's weights as int8 with one scale for each output channel or for each `blockSize` values, in a form the runtime folds
 * into float32 when it loads: Cast, Mul. (A DequantizeLinear is not folded: it would run at every inference and keep the fast Conv
 * kernels away.) `blockSize` 0, or one that does not divide a weight: one scale for each channel.
 */
export function storeEightBit(body: Body, fresh: (prefix: string) => string, blockSize = 0): number {
  const stored: Tensor[] = [];
  const nodes: Node[] = [];
  const names = new Set<string>();
  for (const weight of weightsOf(body)) {
    const axis = channelAxis(weight);
    const dims = dimsOf(weight.tensor);
    const data = floatsOf(weight.tensor)!;
    if (axis === undefined || data.length * 3 < overhead + dims[axis]! * 4 || !data.every(Number.isFinite)) continue;
    if (blockSize > 0 && data.length % blockSize === 0) {
      blockwise(weight, data, blockSize, { fresh, stored, nodes });
      names.add(weight.name);
      continue;
    }
    const { values, scales } = quantizeWeight(data, dims, { axis });
    const [integers, scale, float] = [fresh('w'), fresh('s'), fresh('f')];
    stored.push(
      int8Tensor(integers, dims, values),
      float32Tensor(
        scale,
        dims.map((d, i) => (i === axis ? d : 1)),
        scales,
      ),
    );
    nodes.push(
      makeNode('Cast', [integers], [float], { to: DataType.FLOAT }),
      makeNode('Mul', [float, scale], [weight.name]),
    );
    names.add(weight.name);
  }
  replaceWeights(body, names, stored, nodes);
  return names.size;
}

/** As [blocks, blockSize] integers times a scale for each block, then in the weight's own shape. */
function blockwise(
  weight: Weight,
  data: Float32Array,
  blockSize: number,
  { fresh, stored, nodes }: { fresh: (prefix: string) => string; stored: Tensor[]; nodes: Node[] },
): void {
  const scales = blockScales(data, blockSize, 8);
  const steps = new Uint8Array(data.length);
  writeSteps(data, scales, blockSize, 8, steps);
  const [integers, scale, shape, float, scaled] = [fresh('w'), fresh('s'), fresh('k'), fresh('f'), fresh('f')];
  stored.push(
    int8Tensor(
      integers,
      [scales.length, blockSize],
      Int8Array.from(steps, (q) => q - 128),
    ),
    float32Tensor(scale, [scales.length, 1], scales),
    int64Tensor(shape, [weight.tensor.dims.length], weight.tensor.dims),
  );
  nodes.push(
    makeNode('Cast', [integers], [float], { to: DataType.FLOAT }),
    makeNode('Mul', [float, scale], [scaled]),
    makeNode('Reshape', [scaled, shape], [weight.name]),
  );
}
