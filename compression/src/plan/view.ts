import { sizeOf } from '../sizes.js';
import type { Storage } from './draft.js';

/** How an ONNX tensor lies in a storage. Axes of one element lie anywhere. */
export interface View {
  readonly storage: Storage;
  /** Shape of the ONNX tensor. */
  readonly dims: readonly number[];
  /** Axes of the ONNX tensor in memory order, the outermost first. */
  readonly order: readonly number[];
  /**
   * Where the storage holds the values in an order that no order of axes describes: the tensor is this view, read row by row. A product's
   * weights can take that in; for other readers it is put in order first.
   */
  readonly shuffled?: View;
}

export const identityOrder = (rank: number): number[] => Array.from({ length: rank }, (_, i) => i);

/** NCHW as NHWC, for any number of axes behind the channels. */
export function channelsLast(rank: number): number[] {
  return rank < 3 ? identityOrder(rank) : [0, ...identityOrder(rank).slice(2), 1];
}

/** Whether two orders of a shape's axes are one order in memory. */
export function sameOrder(dims: readonly number[], a: readonly number[], b: readonly number[]): boolean {
  const real = (order: readonly number[]): string => order.filter((axis) => dims[axis] !== 1).join();
  return real(a) === real(b);
}

/** Shape in memory order with ones in front, four in all. */
export function memoryShape(dims: readonly number[], order: readonly number[]): number[] {
  return [...new Array<number>(4 - order.length).fill(1), ...order.map((axis) => dims[axis]!)];
}

export function transposedView(view: View, perm: readonly number[]): View {
  return {
    storage: view.storage,
    dims: perm.map((axis) => view.dims[axis]!),
    order: view.order.map((axis) => perm.indexOf(axis)),
  };
}

/** The same values under another shape of as many: an order of axes where there is one, `shuffled` otherwise. */
export function reshapedView(view: View, dims: readonly number[]): View {
  if (view.shuffled) return reshapedView(view.shuffled, dims);
  const order = reshapedOrder(view, dims);
  return order
    ? { storage: view.storage, dims, order }
    : { storage: view.storage, dims, order: identityOrder(dims.length), shuffled: view };
}

/**
 * Old and new axes fall into blocks of equal size; where the old axes of each block lie together and in order, the new ones take their
 * place.
 */
function reshapedOrder({ dims: old, order }: View, dims: readonly number[]): number[] | undefined {
  if (sizeOf(old) !== sizeOf(dims)) throw new RangeError(`[${old}] is no shape for [${dims}]`);
  const blockOf = new Map<number, number>();
  const newAxes: number[][] = [];
  let [from, to] = [0, 0];
  while (from < old.length || to < dims.length) {
    const axes: number[] = [];
    let [given, made] = [1, 1];
    do {
      if ((given <= made && from < old.length) || to === dims.length) {
        blockOf.set(from, newAxes.length);
        given *= old[from++]!;
      } else {
        axes.push(to);
        made *= dims[to++]!;
      }
    } while (given !== made || (given === 1 && from < old.length && to < dims.length));
    newAxes.push(axes);
  }
  const taken = new Set<number>();
  const moved: number[] = [];
  let last = { block: -1, axis: -1 };
  for (const axis of order.filter((a) => old[a] !== 1)) {
    const block = blockOf.get(axis)!;
    if (block === last.block ? axis < last.axis : taken.has(block)) return undefined;
    if (!taken.has(block)) moved.push(...newAxes[block]!);
    taken.add(block);
    last = { block, axis };
  }
  // The other blocks hold axes of one element only.
  return [...newAxes.flatMap((axes, block) => (taken.has(block) ? [] : axes)), ...moved];
}

/** For each place in memory the index of its value in the tensor, read row by row. */
export function rowIndices(view: View): Int32Array {
  if (view.shuffled) return rowIndices(view.shuffled);
  const { dims, order } = view;
  const strides = dims.map((_, axis) => sizeOf(dims.slice(axis + 1)));
  const indices = new Int32Array(sizeOf(dims));
  const counter = new Array<number>(order.length).fill(0);
  let index = 0;
  for (let at = 0; at < indices.length; at++) {
    indices[at] = index;
    for (let level = order.length - 1; level >= 0; level--) {
      const axis = order[level]!;
      index += strides[axis]!;
      if (++counter[level]! < dims[axis]!) break;
      index -= strides[axis]! * dims[axis]!;
      counter[level] = 0;
    }
  }
  return indices;
}
