import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { kthSmallest } from './select.js';

describe('kthSmallest', () => {
  const number = fc.oneof(
    fc.constantFrom(0, -0, 1, 2, -1, Number.MIN_VALUE, Number.MAX_VALUE, Number.NEGATIVE_INFINITY),
    fc.double({ noNaN: true }),
  );

  it('is what sorting finds, in a part of a larger array too', () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 50 }), fc.nat(), (values, nth) => {
        const rank = (nth % values.length) + 1;
        for (const List of [Float64Array, Float32Array]) {
          const whole = List.from([7, ...values, 0]);
          const part = whole.subarray(1, -1);
          const want = List.from(part).sort()[rank - 1];
          expect(kthSmallest([part], rank)).toBe(want);
          const cut = rank >> 1;
          expect(kthSmallest([part.subarray(0, cut), part.subarray(cut)], rank)).toBe(want);
        }
      }),
    );
  });
});
