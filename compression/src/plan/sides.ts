import { permuted } from './constants.js';
import { type Affine, constantOperand, type Operand } from './draft.js';
import type { Lowering } from './lowering.js';
import { reshapedView } from './view.js';

/** An input of an operator on several int8 tensors, an activation or a quantized constant. */
export interface Side {
  readonly affine: Affine;
  /** With ones in front, as many axes as the output has. */
  readonly dims: readonly number[];
  /** How its axes lie; absent where it may be put in any order at the same cost. */
  readonly order?: readonly number[];
  operand(order: readonly number[]): Operand;
}

/** Input `index` of the node at hand for an output of `rank` axes. Throws `plan.unsupported`. */
export function sideOf(l: Lowering, index: number, rank: number): Side {
  const flow = l.flow(index);
  const extended = (dims: readonly number[]): number[] => [...new Array<number>(rank - dims.length).fill(1), ...dims];
  if (flow.kind !== 'constant') {
    const { view, affine } = l.real(index);
    const full = reshapedView(view, extended(view.dims));
    return {
      affine,
      dims: full.dims,
      ...(!full.shuffled && { order: full.order }),
      operand: (order) => l.operand(full, order),
    };
  }
  const { integers } = flow;
  const name = l.node!.input[index]!;
  if (integers?.scales.length !== 1 || (integers.type !== 'int8' && integers.type !== 'uint8'))
    return l.refuse(`its constant ${name} is not quantized to 8 bits with one scale`);
  const shift = integers.type === 'uint8' ? -128 : 0;
  const affine = { scale: integers.scales[0]!, zero: (integers.zeros?.[0] ?? 0) + shift };
  const dims = extended(flow.dims);
  return {
    affine,
    dims,
    operand: (order) =>
      constantOperand(
        name,
        Int8Array.from(permuted(integers.values, dims, order), (v) => v + shift),
        order.map((axis) => dims[axis]!),
        affine,
      ),
  };
}
