import { describe, expect, it } from '@jest/globals';
import { KeyedBuckets, TokenBucket } from './token-bucket.js';

describe('token bucket', () => {
  it('[MQTT-10] allows a burst, then the rate', () => {
    let now = 0;
    const bucket = new TokenBucket(2, 4, () => now);
    expect([bucket.take(4), bucket.take(1), bucket.secondsUntil(1)]).toEqual([true, false, 0.5]);
    now = 500;
    expect([bucket.take(1), bucket.take(1)]).toEqual([true, false]);
    now = 1e9;
    expect([bucket.has(5), bucket.take(4)]).toEqual([false, true]);
  });

  it('[AUTH-8] each address has its own', () => {
    const buckets = new KeyedBuckets(1, () => 0);
    expect([buckets.of('a').take(1), buckets.of('a').take(1), buckets.of('b').take(1)]).toEqual([true, false, true]);
  });
});
