import { describe, expect, it } from '@jest/globals';
import { countedOf, hasMoved, movedIn } from './witness-rule.js';

const pressure = (total: number): string =>
  `some avg10=0.22 avg60=0.17 avg300=1.11 total=${total}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n`;
const stat = (user: number, steal: number): string =>
  `cpu  ${user} 20 30 400 5 0 6 ${steal} 1 0\ncpu0 1 2 3 4 5 6 7 8 9 0\nintr 5\n`;

describe('witness', () => {
  it('[VERD-6] reads the total of PSI some and the steal of all cores, guest time once', () => {
    expect(countedOf(5, pressure(58_761_459), stat(10, 3))).toEqual({
      ...{ atMs: 5, waitedUs: 58_761_459, stolen: 3 },
      ticks: 10 + 20 + 30 + 400 + 5 + 0 + 6 + 3,
    });
    expect(() => countedOf(0, '', stat(1, 1))).toThrow('no PSI');
    expect(() => countedOf(0, pressure(1), 'cpu  1 2 3 4\n')).toThrow('no steal');
  });

  it('[VERD-6] a window is what the counts around it enclose; without them nothing is said', () => {
    const counts = [0, 50, 100, 150].map((atMs, i) => ({
      atMs,
      waitedUs: 400 * i,
      stolen: i === 3 ? 2 : 0,
      ticks: 20 * i,
    }));
    expect(movedIn(counts, { fromMs: 60, toMs: 90 })).toEqual({ waited: 0.008, stolen: 0 });
    expect(movedIn(counts, { fromMs: 60, toMs: 101 })).toEqual({ waited: 0.008, stolen: 0.05 });
    expect(movedIn(counts, { fromMs: -1, toMs: 90 })).toBeUndefined();
    expect(movedIn(counts, { fromMs: 60, toMs: 151 })).toBeUndefined();
    // No tick went by: nothing can have been stolen.
    expect(movedIn([counts[0]!, { ...counts[1]!, ticks: 0 }], { fromMs: 0, toMs: 50 })!.stolen).toBe(0);
  });

  it('[VERD-6] has moved above half a per cent of either', () => {
    expect(hasMoved({ waited: 0.005, stolen: 0.005 })).toBe(false);
    expect(hasMoved({ waited: 0.0051, stolen: 0 })).toBe(true);
    expect(hasMoved({ waited: 0, stolen: 0.0051 })).toBe(true);
  });
});
