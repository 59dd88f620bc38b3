import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lapDifference, parseLap, parseResults } from './results.js';

const values = (message: string): number[] | undefined => {
  const parsed = parseResults(message);
  return parsed && [...parsed];
};

describe('parseResults', () => {
  it.each([
    ['results-[0.123,0.500,0.000]', [0.123, 0.5, 0]],
    ['results-[0.1000,0.000,0.000]', [1, 0, 0]],
    ['results-[0.1000,0.1234]', [0.1, 0.1234]],
    ['results-[12.5]', [12.5]],
    ['results-[-0.25,1e-3]', [-0.25, 0.001]],
    ['results-[0.1,0.2,]', [0.1, 0.2]],
  ])('reads %s', (message, expected) => {
    expect(values(message)).toEqual(expected);
  });

  it.each(['results-[]', 'results-[nan]', 'results-[0.1,,0.2]', 'results-0.1', 'result-[0.1]', 'results-[0x10]'])(
    'does not read %s',
    (message) => {
      expect(values(message)).toBeUndefined();
    },
  );

  it('reads what the reference code prints of any probabilities of three decimals', () => {
    const print = (v: number): string => `0.${Math.trunc(v / 100)}${Math.trunc(v / 10) % 10}${v % 10}`;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 12 }), (thousandths) => {
        fc.pre(thousandths.some((v) => v < 1000));
        expect(values(`results-[${thousandths.map(print).join(',')}]`)).toEqual(thousandths.map((v) => v / 1000));
      }),
    );
  });
});

describe('laps', () => {
  it('reads microseconds', () => {
    expect(parseLap('lap-us-4294967295')).toBe(4_294_967_295);
    expect(parseLap('lap-us-')).toBeUndefined();
    expect(parseLap('lap-us--1')).toBeUndefined();
  });

  it('goes round with a counter of 32 bits', () => {
    expect(lapDifference(10, 25)).toBe(15);
    expect(lapDifference(2 ** 32 - 5, 7)).toBe(12);
  });
});
