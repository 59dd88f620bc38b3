import { describe, expect, it } from '@jest/globals';
import { thereAndBack } from './there-and-back.js';

describe('thereAndBack', () => {
  it('[QUEUE-4] alternates A B B A over the replicates', () => {
    expect(thereAndBack(['A', 'B'], 4).join('')).toBe('ABBAABBA');
    expect(thereAndBack(['A', 'B', 'C'], 2).join('')).toBe('ABCCBA');
    expect(thereAndBack(['A', 'B'], 1)).toEqual(['A', 'B']);
  });

  it('[QUEUE-4] a drift that grows steadily weighs on both alike', () => {
    const times = thereAndBack(['A', 'B'], 8).map((point, at) => ({ point, at }));
    const middle = (wanted: string): number =>
      times.filter(({ point }) => point === wanted).reduce((sum, { at }) => sum + at, 0) / 8;
    expect(middle('A')).toBe(middle('B'));
  });
});
