import { describe, expect, it } from '@jest/globals';
import { priceOf } from './prices.js';
import type { SearchResult } from './sampler.js';

const result = (deviceId: string, protocol: SearchResult['protocol'], deviceSeconds: number): SearchResult => ({
  pointKey: 'some',
  deviceId,
  protocol,
  metrics: {},
  clean: true,
  deviceSeconds,
});

describe('what a run is expected to cost', () => {
  it('[SAMP-11] is what such runs took on the device', () => {
    expect(priceOf('quick', 'a', [result('a', 'quick', 2), result('a', 'quick', 4), result('b', 'quick', 9)])).toBe(3);
  });

  it('[SAMP-11] else follows from its other runs, as another device has both', () => {
    const results = [result('a', 'standard', 10), result('b', 'standard', 6), result('b', 'quick', 2)];
    expect(priceOf('quick', 'a', results)).toBeCloseTo(10 / 3, 12);
  });

  it('[SAMP-11] else is a guess in which a final run costs several quick ones', () => {
    expect(priceOf('standard', 'a', []) / priceOf('quick', 'a', [])).toBe(4);
    expect(priceOf('quick', 'a', [result('a', 'standard', 20)])).toBe(5);
  });
});
