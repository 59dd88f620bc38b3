import { describe, expect, it } from '@jest/globals';
import { wrap } from './wrap.js';

describe('wrap', () => {
  it('[CLI-10] breaks between words and leaves long ones whole', () => {
    expect(wrap('a bb  ccc dddddddd e', 6)).toEqual(['a bb', 'ccc', 'dddddddd', 'e']);
    expect([wrap('', 5), wrap('one', 1)]).toEqual([[], ['one']]);
  });
});
