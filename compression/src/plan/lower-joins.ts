import { maxPlanInputs } from '@hilltop/contracts';
import { intAttribute } from '../node.js';
import { type Affine, constantOperand, operandOf, storageOf } from './draft.js';
import type { Flow } from './flow.js';
import type { Lowering } from './lowering.js';
import { factorOf } from './requantize.js';

import { type Side, sideOf } from './sides.js';
import { identityOrder, type View } from './view.js';

export function concat(l: Lowering): Flow {
  const node = l.node!;
  const dims = l.dims(node.output[0]!);
  const rank = dims.length;
  const given = intAttribute(node, 'axis', 1);
  const axis = given < 0 ? given + rank : given;
  const parts = node.input.map((_, i) => sideOf(l, i, rank));
  const by = parts.find((part) => part.order)?.order ?? identityOrder(rank);
  return l.pending(dims, (rounding) => {
    const { affine } = rounding;
    const join = (some: readonly Side[]): View => {
      const size = some.reduce((sum, part) => sum + part.dims[axis]!, 0);
      const made = l.made(
        dims.map((d, i) => (i === axis ? size : d)),
        by,
        affine,
      );
      l.emit(
        'concat',
        some.map((part) => part.operand(by)),
        operandOf(made),
        { axis: 4 - rank + by.indexOf(axis), output_zero: affine.zero },
        { pieces: some.map((part) => pieceOf(l, part.affine, affine)) },
      );
      return made;
    };
    let rest: readonly Side[] = parts;
    while (rest.length > maxPlanInputs) {
      const made = join(rest.slice(0, maxPlanInputs));
      rest = [{ affine, dims: made.dims, operand: () => operandOf(made) }, ...rest.slice(maxPlanInputs)];
    }
    return l.clipped(join(rest), affine, rounding.low, rounding.high);
  });
}

function pieceOf(l: Lowering, from: Affine, to: Affine): { zero: number; multiplier: number; shift: number } {
  if (from.scale === to.scale && from.zero === to.zero) return { zero: from.zero, multiplier: 0, shift: 0 };
  const factor = factorOf(Math.fround(from.scale / to.scale));
  // A multiplier of 0 would copy.
  if (!factor?.multiplier) return l.refuse('a scale of it is too far from that of the result');
  return { zero: from.zero, ...factor };
}

/**
 * Over the last axis in memory. Between integers its exponentials come from a table, as plan.h says; where the model gives its result out as
 * floats it is computed in floats, of a layer's own floats or of integers made float.
 */
export function softmax(l: Lowering): Flow {
  const flow = l.flow(0);
  const layer = flow.kind === 'pending' && flow.finishFloat ? { ...flow, finishFloat: flow.finishFloat } : undefined;
  const real = layer ? undefined : l.real(0);
  const dims = layer?.dims ?? real!.view.dims;
  const rank = dims.length;
  const given = intAttribute(l.node!, 'axis', l.opset >= 13 ? -1 : 1);
  const axis = given < 0 ? given + rank : given;
  if (l.opset < 13 && dims.slice(axis + 1).some((d) => d !== 1))
    return l.refuse('it works over several axes: put the values into one by a Reshape');
  /** The view with its axes in an order that ends with the one it works over. */
  const inRows = (view: View): View => {
    const { order } = l.settled(view);
    const others = order.filter((a) => a !== axis && dims[a] !== 1);
    return l.arranged(view, [...order.filter((a) => !others.includes(a) && a !== axis), ...others, axis]);
  };
  const finishFloat = (): View => {
    const from = inRows(layer ? layer.finishFloat() : floatsOf(l, real!.view));
    const made: View = { storage: storageOf(l.name(), 'float32', dims), dims, order: from.order };
    l.emit('softmax', [operandOf(from)], operandOf(made), { inverse_scale: 0, output_zero: 0 });
    return made;
  };
  if (layer)
    return l.pending(
      dims,
      () => l.refuse('the layer in front of it gives floats: quantize that as well, behind the layer'),
      { finishFloat },
    );
  const { view, affine } = real!;
  return l.pending(
    dims,
    ({ affine: to, low, high }) => {
      const length = dims[axis]!;
      // A row's sum stays below 2^31.
      const k = Math.min(22, 30 - Math.ceil(Math.log2(length)));
      if (k < 8) return l.refuse(`its rows have ${length} values`);
      const table = Int32Array.from({ length: 256 }, (_, d) => Math.round(2 ** k * Math.exp(-d * affine.scale)));
      const inverse = Math.floor(Math.fround(1 / to.scale));
      if (inverse < 1 || inverse > 511)
        return l.refuse(`its result has the scale ${to.scale}, kernels take about 1/256: quantize it to [0, 1]`);
      const from = inRows(view);
      const made = l.made(dims, from.order, to);
      l.emit('softmax', [operandOf(from), constantOperand('exponentials', table, [256])], operandOf(made), {
        inverse_scale: inverse,
        output_zero: to.zero,
      });
      return l.clipped(made, to, low, high);
    },
    { finishFloat },
  );
}

/** Integers as the floats they stand for. */
function floatsOf(l: Lowering, given: View): View {
  const view = l.settled(given);
  const made: View = { ...view, storage: storageOf(l.name(), 'float32', view.dims) };
  l.emit('dequantize', [operandOf(view)], operandOf(made), {});
  return made;
}
