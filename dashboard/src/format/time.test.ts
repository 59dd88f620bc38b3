import { describe, expect, it } from '@jest/globals';
import { formatAgo, formatDuration } from './time.js';

describe('times', () => {
  it('name the largest unit', () => {
    expect([0, 12e3, 61e3, 7300e3, 200_000e3].map(formatAgo)).toEqual([
      'just now',
      '12\u00a0s ago',
      '1\u00a0min ago',
      '2\u00a0h ago',
      '2\u00a0d ago',
    ]);
    expect([42e3, 725e3, 3723e3].map(formatDuration)).toEqual(['0:42', '12:05', '1:02:03']);
  });
});
