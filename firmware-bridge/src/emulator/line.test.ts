import { describe, expect, it } from '@jest/globals';
import { Line } from './line.js';
import { boardOptions } from './options.js';

const send = (line: Line, count: number): (number | undefined)[] =>
  Array.from({ length: count }, (_, i) => line.pass(i % 256).byte);

describe('Line', () => {
  it('passes everything when nothing is planned', () => {
    expect(send(new Line('to-board', boardOptions.parse({})), 3)).toEqual([0, 1, 2]);
  });

  it('does what is planned at the byte it is planned for, in its direction only', () => {
    const options = boardOptions.parse({
      faults: [
        { direction: 'to-board', byte: 1, does: 'drop' },
        { direction: 'to-board', byte: 2, does: { flipBit: 7 } },
        { direction: 'to-board', byte: 3, does: 'unplug' },
      ],
    });
    const line = new Line('to-board', options);
    expect(Array.from({ length: 4 }, (_, i) => line.pass(i))).toEqual([
      { byte: 0 },
      { byte: undefined },
      { byte: 130 },
      { byte: 3, after: 'unplug' },
    ]);
    expect(send(new Line('to-host', options), 4)).toEqual([0, 1, 2, 3]);
  });

  it('breaks the same bytes for the same seed, at about the rate that was asked for', () => {
    const noisy = (seed: number, direction: 'to-board' | 'to-host') =>
      send(
        new Line(direction, boardOptions.parse({ noise: { seed, dropPerMillion: 10_000, flipPerMillion: 20_000 } })),
        100_000,
      );
    const once = noisy(7, 'to-board');
    // As text: jest takes seconds to compare so many elements.
    expect(String(noisy(7, 'to-board'))).toBe(String(once));
    expect(String(noisy(8, 'to-board')) === String(once)).toBe(false);
    expect(String(noisy(7, 'to-host')) === String(once)).toBe(false);
    const lost = once.filter((byte) => byte === undefined).length;
    const wrong = once.filter((byte, i) => byte !== undefined && byte !== i % 256).length;
    // Binomial, 100,000 bytes: 1,000 +- 31 lost, about 1,980 +- 44 wrong; bounds at five deviations.
    expect(Math.abs(lost - 1000)).toBeLessThan(160);
    expect(Math.abs(wrong - 1980)).toBeLessThan(220);
  });

  it('refuses options it does not know', () => {
    expect(() => boardOptions.parse({ fault: [] })).toThrow();
    expect(() => boardOptions.parse({ faults: [{ direction: 'to-host', byte: 0, does: { flipBit: 8 } }] })).toThrow();
  });
});
