import { describe, expect, it } from '@jest/globals';
import { byteRange } from './byte-range.js';

describe('byteRange', () => {
  it.each([
    [undefined, undefined],
    ['bytes=0-', { start: 0, end: 9 }],
    ['bytes=2-3', { start: 2, end: 3 }],
    ['bytes=8-99', { start: 8, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=3-2', 'unsatisfiable'],
    ['bytes=-', undefined],
    ['bytes=0-1,4-5', undefined],
    ['lines=0-1', undefined],
  ] as const)('[VAR-1] of ten bytes %s is %j', (header, range) => {
    expect(byteRange(header, 10)).toEqual(range);
  });
});
