import { type Body, makeNode, type Node, type Tensor } from '../node.js';
import { quantizeWeight } from '../quantize/integers.js';
import { DataType, dimsOf, float32Tensor, floatsOf, int8Tensor } from '../tensor.js';
import { channelAxis, replaceWeights, weightsOf } from './bodies.js';

/** Bytes of two nodes, names and shapes that a stored weight costs besides its values. */
const overhead = 120;

/**
 * Stores a body's weights as int8 with one scale per output channel, in a form the runtime folds into float32 when it loads:
 * Cast, Mul. (A DequantizeLinear is not folded: it would run at every inference and keep the fast Conv kernels away.)
 */
export function storeEightBit(body: Body, fresh: (prefix: string) => string): number {
  const stored: Tensor[] = [];
  const nodes: Node[] = [];
  const names = new Set<string>();
  for (const weight of weightsOf(body)) {
    const axis = channelAxis(weight);
    const dims = dimsOf(weight.tensor);
    const data = floatsOf(weight.tensor)!;
    if (axis === undefined || data.length * 3 < overhead + dims[axis]! * 4 || !data.every(Number.isFinite)) continue;
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
