import { describe, expect, it } from '@jest/globals';
import { toggled } from './toggled.js';

describe('toggled', () => {
  it('toggles without touching what was there', () => {
    const set = new Set(['a']);
    expect([[...toggled(set, 'b')], [...toggled(set, 'a')], [...set]]).toEqual([['a', 'b'], [], ['a']]);
  });
});
