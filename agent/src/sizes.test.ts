import { describe, expect, it } from '@jest/globals';
import { formatSize, parseSize } from './sizes.js';

describe('sizes', () => {
  it('[AGENT-10] MB is a million bytes, MiB is 2^20', () => {
    expect(['2GB', '1.5 MB', '512MiB', '7', '3kb', '1TiB'].map(parseSize)).toEqual([
      2e9,
      1.5e6,
      2 ** 29,
      7,
      3000,
      2 ** 40,
    ]);
    expect(['', 'GB', '-1', '1XB', '1 2'].map(parseSize)).toEqual(Array(5).fill(undefined));
  });

  it('are shown in powers of ten', () => {
    expect([12, 1500, 2_340_000, 25.28e9].map(formatSize)).toEqual(['12 B', '1.5 kB', '2.3 MB', '25.28 GB']);
  });
});
