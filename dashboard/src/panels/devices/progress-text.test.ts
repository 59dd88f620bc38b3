import { describe, expect, it } from '@jest/globals';
import { progressText } from './progress-text.js';

describe('progress', () => {
  it('says the block as people count', () => {
    expect([
      progressText({ phase: 'measuring', block: 0, blocks: 5 }),
      progressText({ phase: 'fetching' }),
      progressText(undefined),
    ]).toEqual(['measuring, block 1 of 5', 'fetching', 'starting']);
  });
});
