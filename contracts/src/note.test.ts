import { describe, expect, it } from '@jest/globals';
import { mentionsIn } from './note.js';

const users = ['Ana', 'Ana Berg', 'Mira'].map((name) => ({ name }));
const names = (text: string): string[] => mentionsIn(text, users).map(({ name }) => name);

describe('mentionsIn', () => {
  it('[NOTE-3] finds whole names after @, the longest, each once', () => {
    expect(names('@ana look; @Mira too, and @MIRA')).toEqual(['Ana', 'Mira']);
    expect(names('@Ana Berg knows')).toEqual(['Ana Berg']);
    expect(names('@Anabel, ana@mira.example and @')).toEqual(['Mira']);
    expect(names('no one')).toEqual([]);
  });
});
