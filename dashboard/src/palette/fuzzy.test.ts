import { describe, expect, it } from '@jest/globals';
import { fuzzyScore } from './fuzzy.js';

const ranked = (query: string, texts: readonly string[]): string[] =>
  texts
    .flatMap((text) => {
      const score = fuzzyScore(query, text);
      return score === undefined ? [] : [{ text, score }];
    })
    .sort((a, b) => b.score - a.score)
    .map(({ text }) => text);

describe('fuzzy match', () => {
  it('[PAL-1] the beginning comes before a word, a word before a part, a part before letters in order', () => {
    expect(ranked('job', ['my job', 'rejoboard', 'jobs', 'job', 'jig on bench'])).toEqual([
      'job',
      'jobs',
      'my job',
      'rejoboard',
      'jig on bench',
    ]);
  });

  it('[PAL-1] every word must be there, in any order', () => {
    expect(ranked('cancel job', ['job cancel', 'sweep cancel', 'job show'])).toEqual(['job cancel']);
    expect(ranked('jcan', ['job cancel', 'sweep cancel'])).toEqual(['job cancel']);
    expect(ranked('xyz', ['job cancel'])).toEqual([]);
  });
});
