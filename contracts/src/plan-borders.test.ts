import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dequantizeOutput, quantizeInput } from './plan-borders.js';
import type { PlanBorder } from './plan-format.js';

const border = (dims: readonly number[], more: Partial<PlanBorder> = {}): PlanBorder => ({
  tensor: 0,
  dims,
  type: 'int8',
  layout: 'rows',
  scale: 0.5,
  zeroPoint: -3,
  bytes: dims.reduce((p, d) => p * d, 1),
  ...more,
});

const codeOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('borders of a plan', () => {
  it('rounds half to even, adds the zero point and clamps', () => {
    const values = [0.25, 0.75, -0.25, 1e9, -1e9, 0];
    expect([...new Int8Array(quantizeInput(border([1, 6]), values).buffer)]).toEqual([-3, -1, -3, 127, -128, -3]);
  });

  it('moves channels last and back', () => {
    const input = border([1, 2, 1, 3], { layout: 'channels-last', scale: 1, zeroPoint: 0 });
    const bytes = quantizeInput(input, [1, 2, 3, 11, 12, 13]);
    expect([...bytes]).toEqual([1, 11, 2, 12, 3, 13]);
    expect([...dequantizeOutput(input, bytes)]).toEqual([1, 2, 3, 11, 12, 13]);
  });

  it('gives floats and 32-bit integers as they are', () => {
    for (const type of ['float32', 'int32'] as const) {
      const output = border([1, 2, 2], { type, layout: 'channels-last', bytes: 16 });
      const values = [1, -2, 3, 4];
      expect([...dequantizeOutput(output, quantizeInput(output, values))]).toEqual(values);
    }
  });

  it('gives back what was quantized, within half a step', () => {
    const values = fc.array(fc.float({ min: -60, max: 60, noNaN: true }), { minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(values, fc.constantFrom('rows' as const, 'channels-last' as const), (given, layout) => {
        const input = border([1, 4, 3, 2], { layout });
        const back = dequantizeOutput(input, quantizeInput(input, given));
        return back.every((v, i) => Math.abs(v - given[i]!) <= 0.25);
      }),
    );
  });

  it('refuses items and outputs of another size', () => {
    expect(codeOf(() => quantizeInput(border([1, 3]), [1, 2]))).toBe('data.shape-mismatch');
    expect(codeOf(() => dequantizeOutput(border([1, 3]), new Uint8Array(4)))).toBe('data.shape-mismatch');
  });
});
