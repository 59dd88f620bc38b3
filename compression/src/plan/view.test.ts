import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sizeOf } from '../sizes.js';
import { permuted } from './constants.js';
import {
  channelsLast,
  identityOrder,
  memoryShape,
  reshapedView,
  rowIndices,
  sameOrder,
  transposedView,
  type View,
} from './view.js';

const storage = { name: 't', bytes: 0, type: 'int8' as const };
const shape = fc.array(fc.constantFrom(1, 1, 2, 3, 4), { minLength: 1, maxLength: 4 });
const shuffle = (rank: number) => fc.shuffledSubarray(identityOrder(rank), { minLength: rank, maxLength: rank });
const viewOf = (dims: readonly number[], order: readonly number[]): View => ({ storage, dims, order });

/** Values of a tensor, row by row, when the memory holds 0, 1, 2 ... */
function values(view: View): number[] {
  const row = new Array<number>(sizeOf(view.dims));
  rowIndices(view).forEach((index, place) => {
    row[index] = place;
  });
  return row;
}

describe('views', () => {
  it('keep the values of a reshape in their order, wherever they lie', () => {
    const given = shape.chain((dims) => fc.tuple(fc.constant(dims), shuffle(dims.length), shape));
    fc.assert(
      fc.property(given, ([dims, order, other]) => {
        // The other shape made to have as many values: a last axis that takes the rest, or all in one.
        const rest = sizeOf(dims) / sizeOf(other);
        const to = Number.isInteger(rest) ? [...other.slice(0, 3), rest * sizeOf(other.slice(3))] : [sizeOf(dims)];
        const view = viewOf(dims, order);
        expect(values(reshapedView(view, to))).toEqual(values(view));
      }),
      { numRuns: 2000 },
    );
  });

  it('transpose as tensors do', () => {
    const given = shape.chain((dims) => fc.tuple(fc.constant(dims), shuffle(dims.length), shuffle(dims.length)));
    fc.assert(
      fc.property(given, ([dims, order, perm]) => {
        const view = viewOf(dims, order);
        const moved = transposedView(view, perm);
        expect(moved.dims).toEqual(perm.map((axis) => dims[axis]));
        expect(values(moved)).toEqual([...permuted(values(view), dims, perm)]);
      }),
    );
  });

  it.each([
    { from: [1, 8, 4, 4], order: channelsLast(4), to: [1, 8, 16], as: [2, 0, 1] },
    { from: [1, 8, 1, 1], order: channelsLast(4), to: [1, 8], as: [0, 1] },
    { from: [1, 8, 5], order: channelsLast(3), to: [1, 8, 1, 5], as: undefined },
  ])('take $from as $to without moving anything', ({ from, order, to, as }) => {
    const view = reshapedView(viewOf(from, order), to);
    expect(view.shuffled).toBeUndefined();
    if (as) expect(sameOrder(to, view.order, as)).toBe(true);
  });

  it('say so where no order of axes describes them, until the shape is undone', () => {
    const view = viewOf([1, 3, 4, 4], channelsLast(4));
    const flat = reshapedView(view, [1, 48]);
    expect(flat.shuffled).toBe(view);
    expect(reshapedView(flat, [1, 3, 4, 4]).shuffled).toBeUndefined();
  });

  it('have four axes in memory', () => {
    expect(memoryShape([1, 3, 4, 5], channelsLast(4))).toEqual([1, 4, 5, 3]);
    expect(memoryShape([1, 7], identityOrder(2))).toEqual([1, 1, 1, 7]);
  });
});
