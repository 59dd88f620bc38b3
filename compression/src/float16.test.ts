import { describe, expect, it } from '@jest/globals';
import { fromFloat16, toFloat16 } from './float16.js';

describe('float16', () => {
  it('comes back from every bit pattern', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = fromFloat16(bits);
      if (Number.isNaN(value)) expect(fromFloat16(toFloat16(value))).toBeNaN();
      else expect(toFloat16(value)).toBe(bits);
    }
  });

  it('rounds to nearest, ties to even', () => {
    const cases: [number, number][] = [
      [1 + 2 ** -11, 1],
      [1 + 3 * 2 ** -11, 1 + 2 ** -9],
      [65519, 65504],
      [65520, Number.POSITIVE_INFINITY],
      [2 ** -25, 0],
      [1.01 * 2 ** -25, 2 ** -24],
    ];
    expect(cases.map(([value]) => fromFloat16(toFloat16(value)))).toEqual(cases.map(([, want]) => want));
  });
});
