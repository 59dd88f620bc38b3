import { describe, expect, it } from '@jest/globals';
import { classesOf, classRule, type Outputs, topK } from './classes.js';

const outputs = (perItem: number, ...values: number[]): Outputs => ({ perItem, data: Float32Array.from(values) });
const output = (type: string) => ({ name: 'y', type, dims: [] });

describe('classes', () => {
  it('[SCREEN-3] one number is a whole number, a probability or a logit of class 1, or no class', () => {
    expect([
      classRule(output('float32'), outputs(2, 1, 2), undefined),
      classRule(output('int64'), outputs(1, 3), undefined),
      classRule(output('float32'), outputs(1, 0.2, 1), 2),
      classRule(output('float32'), outputs(1, 0.2, 1.5), 2),
      classRule(output('float32'), outputs(1, 0.2), 3),
      classRule(output('float32'), outputs(1, 0.2), undefined),
    ]).toEqual([
      { kind: 'largest' },
      { kind: 'integer' },
      { kind: 'score', threshold: 0.5 },
      { kind: 'score', threshold: 0 },
      { kind: 'none' },
      { kind: 'none' },
    ]);
    expect([...classesOf(outputs(1, 0.49, 0.5, 0.9, Number.NaN), { kind: 'score', threshold: 0.5 })]).toEqual([
      0, 1, 1, -1,
    ]);
    expect([...classesOf(outputs(1, 3, 0), { kind: 'integer' })]).toEqual([3, 0]);
    expect([...classesOf(outputs(1, 3, 0), { kind: 'none' })]).toEqual([-1, -1]);
  });

  it('[SCREEN-3] the largest value wins, the first of equals; NaN never', () => {
    const data = outputs(3, 1, 5, 5, Number.NaN, -3, Number.NaN, Number.NaN, Number.NaN, Number.NaN);
    expect([...classesOf(data, { kind: 'largest' })]).toEqual([1, 1, -1]);
  });

  it('[SCREEN-1] top k: at most k - 1 values stand before the label, of equals the first', () => {
    const data = outputs(4, 4, 3, 2, 1, 1, 1, 1, 1, Number.NaN, 0, 0, 0);
    expect([topK(data, [1, 1, 0], 2), topK(data, [2, 2, 0], 2), topK(data, [9, 9, 9], 4)]).toEqual([2, 0, 0]);
  });
});
