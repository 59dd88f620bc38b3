import { describe, expect, it } from '@jest/globals';
import { hasFile, sizeText } from './point.js';

const artifact = { sha256: 'a'.repeat(64), bytes: 150 };

describe('size of a point', () => {
  it('[MCU-89] is what its artifact has, and nothing where that only names a model inside a firmware', () => {
    const file = { artifact, metrics: { size_bytes: { value: 150, n: 1, unit: 'bytes' } } };
    expect([hasFile(file), sizeText(file)]).toEqual([true, '150\u00a0B']);
    const inside = { artifact, metrics: { latency_p50_ms: { value: 1, n: 3, unit: 'ms' } } };
    expect([hasFile(inside), sizeText(inside)]).toEqual([false, '–']);
  });
});
