import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomFloats } from '../testing/models.js';
import { type Bits, blockScales, writeSteps } from './blocks.js';

const decoded = (data: Float32Array, blockSize: number, bits: Bits): Float32Array => {
  const scales = blockScales(data, blockSize, bits);
  const steps = new Uint8Array(data.length);
  writeSteps(data, scales, blockSize, bits, steps);
  expect(steps.every((q) => q < 2 ** bits)).toBe(true);
  return data.map((_, i) => (steps[i]! - 2 ** (bits - 1)) * scales[Math.floor(i / blockSize)]!);
};

describe('blocks', () => {
  it('are off by less than a step of their own block', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.constantFrom(4 as const, 8 as const),
        fc.constantFrom(16, 32),
        (seed, bits, size) => {
          const data = randomFloats(100, seed + 1).map((v, i) => v * 10 ** ((i >> 4) % 3));
          const back = decoded(data, size, bits);
          for (let i = 0; i < data.length; i++) {
            const block = data.subarray(i - (i % size), i - (i % size) + size);
            const peak = block.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
            // 4 bits may clip by a third of the range.
            expect(Math.abs(back[i]! - data[i]!)).toBeLessThan(peak * (bits === 8 ? 1 / 120 : 1 / 2));
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it('hold zeros and the largest value of 8 bits exactly', () => {
    const data = Float32Array.of(0, 0, -3, 1, 0, 0, 0, 0);
    expect([...decoded(data, 4, 8)]).toEqual([0, 0, -3, expect.closeTo(1, 1), 0, 0, 0, 0]);
    expect([...decoded(new Float32Array(8), 4, 4)]).toEqual(new Array(8).fill(0));
  });
});
