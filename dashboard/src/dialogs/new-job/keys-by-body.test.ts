import { describe, expect, it } from '@jest/globals';
import { keysByBody } from './keys-by-body.js';

describe('keys by body', () => {
  it('[DASH-12] the same body has the same key, another body another', () => {
    let n = 0;
    const keyFor = keysByBody(() => `k${++n}`);
    expect([keyFor({ a: 1 }), keyFor({ a: 2 }), keyFor({ a: 1 })]).toEqual(['k1', 'k2', 'k1']);
  });
});
