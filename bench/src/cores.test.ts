import { describe, expect, it } from '@jest/globals';
import { parseCores, shareOut } from './cores.js';

describe('cores', () => {
  it('[VERD-6] the last core is for what is measured, the others for everything else', () => {
    expect(parseCores('0-2,7\n')).toEqual([0, 1, 2, 7]);
    expect(shareOut([0, 1, 2, 7])).toEqual({ measured: 7, others: [0, 1, 2] });
    expect(shareOut([3])).toEqual({ measured: 3, others: [3] });
    expect(() => shareOut(parseCores(''))).toThrow('nowhere');
  });
});
