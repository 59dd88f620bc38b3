import { describe, expect, it } from '@jest/globals';
import { inferencesForLoop } from './performance.js';

describe('inferencesForLoop', () => {
  it('makes a loop as long as it is asked to be, with some to spare', () => {
    expect(inferencesForLoop(1000, 10)).toBe(10_500);
    expect(inferencesForLoop(60e6, 10)).toBe(1);
    expect(inferencesForLoop(1000, 1)).toBe(1050);
  });
});
