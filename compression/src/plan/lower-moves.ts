import { floatAttribute, intsAttribute, stringAttribute } from '../node.js';
import { reshapedConstant, transposedConstant } from './constants.js';
import { operandOf } from './draft.js';
import type { Constant, Flow } from './flow.js';
import type { Lowering } from './lowering.js';
import { quantized } from './requantize.js';
import { channelsLast, identityOrder, reshapedView, transposedView, type View } from './view.js';

/** Applies what only moves values, on whatever stage they are. */
export function moved(
  l: Lowering,
  dims: readonly number[],
  move: (view: View) => View,
  ofConstant?: (constant: Constant) => Constant,
): Flow {
  const flow = l.flow(0);
  const node = l.node;
  switch (flow.kind) {
    case 'real':
    case 'quantized':
      return { ...flow, view: move(flow.view) };
    case 'pending': {
      const { withBias: _, finishFloat, ...rest } = flow;
      return {
        ...rest,
        dims,
        finish: (rounding) => l.as(node, () => move(flow.finish(rounding))),
        ...(finishFloat && { finishFloat: () => l.as(node, () => move(finishFloat())) }),
      };
    }
    case 'constant':
      return ofConstant ? ofConstant(flow) : l.refuse('it works on constants alone: apply the pass optimize first');
    case 'shape':
      return flow;
  }
}

/** Reshape, Flatten, Squeeze, Unsqueeze: the shape is known, whatever computes it. */
export function reshape(l: Lowering): Flow {
  const dims = l.dims(l.node!.output[0]!);
  return moved(
    l,
    dims,
    (view) => reshapedView(view, dims),
    (constant) => reshapedConstant(constant, dims),
  );
}

export function identity(l: Lowering): Flow {
  return l.flow(0);
}

export function transpose(l: Lowering): Flow {
  const dims = l.dims(l.node!.output[0]!);
  const perm = intsAttribute(l.node!, 'perm') ?? identityOrder(dims.length).reverse();
  return moved(
    l,
    dims,
    (view) => transposedView(l.settled(view), perm),
    (constant) => transposedConstant(constant, perm),
  );
}

export function pad(l: Lowering): Flow {
  const node = l.node!;
  const [from, dims] = [l.dims(node.input[0]!), l.dims(node.output[0]!)];
  const mode = stringAttribute(node, 'mode', 'constant');
  if (mode !== 'constant') return l.refuse(`it pads by ${mode}: pad with a constant`);
  const pads = intsAttribute(node, 'pads') ?? l.integers(1) ?? l.refuse('it has no pads: state them');
  const axes = (l.integers(3) ?? identityOrder(from.length)).map((axis) => (axis < 0 ? axis + from.length : axis));
  if (pads.some((p) => p < 0))
    return l.refuse('it cuts off values (negative pads): use a smaller input, or a Conv without padding');
  const before = new Array<number>(from.length).fill(0);
  axes.forEach((axis, i) => {
    before[axis] = pads[i]!;
  });
  const value = node.input[2] ? (l.constant(2)?.values[0] ?? 0) : floatAttribute(node, 'value', 0);
  const flow = l.flow(0);
  if (flow.kind === 'quantized') return l.refuse('it pads integers: put it behind the DequantizeLinear');
  if (flow.kind === 'real') {
    if (flow.map) return l.refuseFloat(0);
    const { scale, zero } = flow.affine;
    if (Math.fround((quantized(value, flow.affine) - zero) * scale) !== Math.fround(value))
      return l.refuse(
        `it pads with ${value}, which its input's scale does not have: pad with 0, or in the Conv behind it`,
      );
  }
  if (String(from) === String(dims)) return flow;
  return moved(l, dims, (given) => {
    const order = given.shuffled ? channelsLast(given.dims.length) : given.order;
    const view = l.arranged(given, order);
    const affine = view.storage.affine!;
    const made = l.made(dims, order, affine);
    const front = new Array<number>(4 - order.length).fill(0);
    l.emit('pad', [operandOf(view)], operandOf(made), {
      before: [...front, ...order.map((axis) => before[axis]!)],
      value: quantized(value, affine),
    });
    return made;
  });
}
