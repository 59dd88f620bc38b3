import { describe, expect, it } from '@jest/globals';
import { interfaceDifferences } from './interface-differences.js';

const image = { name: 'image', type: 'float32', dims: [1, 3, 8, 8] };

describe('interfaceDifferences', () => {
  it.each([
    ['another name', [{ ...image, name: 'x' }]],
    ['free dimensions', [{ ...image, dims: ['batch', 3, '', ''] }]],
    ['a type that it does not tell', [{ ...image, type: 'unknown' }]],
  ])('[VAR-11] %s is no difference', (_, found) => {
    expect(interfaceDifferences('input', [image], found)).toEqual([]);
  });

  it.each([
    ['another size', [{ ...image, dims: [1, 3, 8, 9] }]],
    ['another rank', [{ ...image, dims: [3, 8, 8] }]],
    ['a batch of its own', [{ ...image, dims: [4, 3, 8, 8] }]],
    ['another type', [{ ...image, type: 'uint8' }]],
    ['one input more', [image, image]],
    ['none', []],
  ])('[VAR-11] %s is one, told in a sentence', (_, found) => {
    expect(interfaceDifferences('input', [image], found)).toEqual([expect.stringContaining('the model')]);
  });

  it('[VAR-11] pairs by order: two that changed places differ twice', () => {
    const mask = { name: 'mask', type: 'int64', dims: [1, 8] };
    expect(interfaceDifferences('input', [image, mask], [mask, image])).toEqual([
      "its input mask is int64 [1, 8], the model's input image is float32 [1, 3, 8, 8]",
      "its input image is float32 [1, 3, 8, 8], the model's input mask is int64 [1, 8]",
    ]);
  });
});
