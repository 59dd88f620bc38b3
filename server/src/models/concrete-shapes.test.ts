import type { TensorPack } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { concreteInputs } from './concrete-shapes.js';

const input = (dims: Array<number | string>) => [{ name: 'x', type: 'float32', dims }];
const pack: TensorPack = {
  items: 1,
  inputs: [{ type: 'float32', dims: [3, 8, 8], scale: 1, offset: 0, data: new Uint8Array(768) }],
};

describe('concreteInputs', () => {
  it.each([
    ['fixed sizes stay', input([1, 4]), undefined, undefined, [1, 4]],
    ['a free batch is 1', input(['n', 4]), undefined, undefined, [1, 4]],
    ['free sizes come from the data', input(['n', 3, 'h', 'w']), undefined, pack, [1, 3, 8, 8]],
    ['or from the uploader', input(['n', 3, 'h', 'w']), { x: [1, 3, 4, 4] }, pack, [1, 3, 4, 4]],
  ] as const)('[MODEL-1] %s', (_, inputs, shapes, data, dims) => {
    expect(concreteInputs(inputs, shapes && { x: [...shapes.x] }, data)).toEqual([
      { name: 'x', type: 'float32', dims },
    ]);
  });

  it.each([
    ['a free size nobody knows', input(['n', 'h']), {}],
    ['a shape against a fixed size', input([1, 4]), { x: [1, 5] }],
    ['a shape of another rank', input([1, 4]), { x: [4] }],
    ['a shape of an input that is not there', input([1, 4]), { y: [1, 4] }],
  ])('[MODEL-1] %s is refused', (_, inputs, shapes) => {
    expect(() => concreteInputs(inputs, shapes)).toThrow(expect.objectContaining({ code: 'model.shape-unknown' }));
  });
});
