import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nominalCalibration, ppk2Amperes } from './ppk2-format.js';
import { type Bin, binSamples, Ppk2Stream } from './ppk2-stream.js';

interface Sample {
  readonly range: number;
  readonly adc: number;
  readonly counter: number;
}
const bytesOf = (samples: readonly Sample[]): Buffer => {
  const out = Buffer.alloc(samples.length * 4);
  for (const [i, { range, adc, counter }] of samples.entries())
    out.writeUInt32LE(((counter << 18) | (range << 14) | adc) >>> 0, i * 4);
  return out;
};
const counted = (values: ReadonlyArray<{ range: number; adc: number }>, first = 0): Sample[] =>
  values.map((value, i) => ({ ...value, counter: (first + i) & 63 }));
const steady = (samples: number, adc = 500, range = 3) =>
  new Array<{ range: number; adc: number }>(samples).fill({ range, adc });
const amps = (range: number, adc: number): number => ppk2Amperes(nominalCalibration, range, adc, 3.3);

function stream(): { bins: Bin[]; lost: Array<[number, number]>; over: number[]; of: Ppk2Stream } {
  const bins: Bin[] = [];
  const lost: Array<[number, number]> = [];
  const over: number[] = [];
  const of = new Ppk2Stream(nominalCalibration, 3.3, {
    onBin: (bin) => bins.push(bin),
    onLost: (samples, index) => lost.push([samples, index]),
    onOverRange: (index) => over.push(index),
  });
  return { bins, lost, over, of };
}

describe('Ppk2Stream', () => {
  it('[METER-3] gives the same bins for pieces of any size', () => {
    const value = fc.record({ range: fc.integer({ min: 0, max: 4 }), adc: fc.integer({ min: 0, max: 16_000 }) });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 201, maxLength: 450 }),
        fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1, maxLength: 20 }),
        (values, sizes) => {
          const bytes = bytesOf(counted(values));
          const whole = stream();
          whole.of.push(bytes);
          const pieces = stream();
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes[i % sizes.length]!;
            pieces.of.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(pieces.bins).toEqual(whole.bins);
          expect(pieces.of.index).toBe(values.length);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('[METER-3] keeps mean and extremes of each millisecond', () => {
    const { of, bins } = stream();
    const values = steady(binSamples).map((value, i) => ({ ...value, adc: 100 + i }));
    of.push(bytesOf(counted([...values, ...steady(1)])));
    expect(bins).toHaveLength(1);
    const [bin] = bins;
    expect([bin!.first, bin!.end]).toEqual([0, 100]);
    expect(bin!.min).toBeCloseTo(amps(3, 100), 12);
    expect(bin!.max).toBeCloseTo(amps(3, 199), 12);
    expect(bin!.mean).toBeCloseTo((amps(3, 100) + amps(3, 199)) / 2, 12);
  });

  it('[METER-4] counts what is missing, and what follows keeps its place', () => {
    const { of, bins, lost } = stream();
    const before = counted(steady(150));
    const after = counted(steady(200, 900), 150 + 40);
    of.push(bytesOf([...before, ...after]));
    expect(lost).toEqual([[40, 190]]);
    expect(of.index).toBe(390);
    expect(bins.map(({ first, end }) => [first, end])).toEqual([
      [0, 100],
      [100, 200],
      [200, 300],
    ]);
    expect(bins[2]!.mean).toBeCloseTo(amps(3, 900), 12);
  });

  it.each([1, 2, 3])('[METER-4] finds the words again after %d bytes went missing', (missing) => {
    const { of, bins, lost } = stream();
    const bytes = bytesOf(counted(steady(2000)));
    of.push(bytes.subarray(0, 2000));
    of.push(bytes.subarray(2000 + missing));
    expect(lost.length).toBeGreaterThan(0);
    for (const bin of bins.slice(-5)) {
      expect(bin.min).toBeCloseTo(amps(3, 500), 12);
      expect(bin.max).toBeCloseTo(amps(3, 500), 12);
    }
  });

  it('[METER-5] lets no spike of a switch of ranges through, up or down', () => {
    for (const [from, to] of [
      [2, 3],
      [3, 4],
      [4, 2],
    ] as const) {
      const { of, bins } = stream();
      const level = (range: number): number => Math.round(0.004 / (amps(range, 1001) - amps(range, 1000)));
      const spiked = steady(200, level(to), to).map((value, i) =>
        i < 2 ? { ...value, adc: value.adc * 3 + 3 } : value,
      );
      of.push(bytesOf(counted([...steady(200, level(from), from), ...spiked])));
      // A step of the range is its resolution; a third of a spike would be far more.
      const step = Math.max(amps(from, 2) - amps(from, 1), amps(to, 2) - amps(to, 1));
      for (const bin of bins) expect(Math.abs(bin.mean - 0.004)).toBeLessThan(2 * step + 0.004 * 0.05);
    }
  });

  it('[METER-5] tells of a current over the range, not of a spike', () => {
    const { of, over } = stream();
    const full = { range: 4, adc: 0x3fff };
    of.push(bytesOf(counted([...steady(100), ...new Array(5).fill(full), ...steady(100)])));
    expect(over).toEqual([]);
    of.push(bytesOf(counted(new Array(40).fill(full), 205)));
    expect(over.length).toBeGreaterThan(0);
  });
});
