import { describe, expect, it } from '@jest/globals';
import {
  adcOf,
  counterOf,
  logicOf,
  nominalCalibration,
  parsePpk2Metadata,
  ppk2Amperes,
  ppk2VoltageBytes,
  rangeOf,
} from './ppk2-format.js';

/** Captured form; the resistances are illustrative. */
const captured = `Calibrated: 0
R0: 1003.3506
R1: 101.5865
R2: 10.3027
R3: 0.9636
R4: 0.0564
GS0: 1.0000
GS1: 1.0000
GS2: 1.0000
GS3: 1.0000
GS4: 1.0000
GI0: 1.0000
GI1: 0.9950
O0: 112.9420
S0: 0.000000048
I0: -0.000000066
UG0: 1.00
VDD: 3000
HW: 9173
mode: 2
IA: 56
END
`;

describe('parsePpk2Metadata', () => {
  it('[METER-1] takes coefficients, voltage and mode as the kit tells them', () => {
    const { calibration, ...rest } = parsePpk2Metadata(captured);
    expect(rest).toEqual({ calibrated: true, hardware: '9173', millivolts: 3000, mode: 'source' });
    expect(calibration.r).toEqual([1003.3506, 101.5865, 10.3027, 0.9636, 0.0564]);
    expect(calibration.gs).toEqual([1, 1, 1, 1, 1]);
    expect(calibration.gi).toEqual([1, 0.995, 1, 1, 1]);
    expect([calibration.o[0], calibration.s[0], calibration.i[0]]).toEqual([112.942, 4.8e-8, -6.6e-8]);
  });

  it('[METER-1] takes nominal shunts for what is 0, not a number or missing, and says that it is not calibrated', () => {
    const text = captured
      .replace('R2: 10.3027', 'R2: -nan')
      .replace('R3: 0.9636', 'R3: 0')
      .replace(/GI1: .*\n/, '');
    const { calibration, calibrated } = parsePpk2Metadata(`rubbish of samples${text}`);
    expect(calibrated).toBe(false);
    expect(calibration.r).toEqual([1003.3506, 101.5865, 10.15, 0.94, 0.0564]);
    expect(calibration.gi).toEqual(nominalCalibration.gi);
  });

  it.each(['', 'END\n', 'R0: 1\n', 'm-ready\nEND\n'])('[METER-13] is told %j from a PPK2', (text) => {
    expect(() => parsePpk2Metadata(text)).toThrow(expect.objectContaining({ code: 'device.protocol' }));
  });
});

describe('a sample', () => {
  it.each([
    ['64 00 00 00', 0, 0, 0, 4.25975],
    ['64 40 04 00', 1, 1, 0, 43.232],
    ['e8 83 04 00', 2, 1, 0, 4329.587],
    ['40 df fc ff', 3, 63, 255, 374_002.66],
  ])('[METER-2] %s is range %d, count %d, logic %d, %d uA', (hex, range, counter, logic, microamperes) => {
    const word = Buffer.from(hex.replaceAll(' ', ''), 'hex').readUInt32LE();
    expect([rangeOf(word), counterOf(word), logicOf(word)]).toEqual([range, counter, logic]);
    const amperes = ppk2Amperes(nominalCalibration, range, adcOf(word), 3.3);
    expect(Math.abs((amperes * 1e6) / microamperes - 1)).toBeLessThan(2e-6);
  });

  it('[METER-2] is converted with all of its range’s coefficients, the voltage among them', () => {
    const one = (value: number): number[] => [value, value, value, value, value];
    const calibration = {
      r: one(10),
      gs: one(0.5),
      gi: one(1.1),
      o: one(40),
      s: one(1e-6),
      i: one(2e-6),
      ug: one(1.02),
    };
    const x = ((4 * 1000 - 40) * (1.8 / 163_840)) / 10;
    const expected = 1.02 * (x * (0.5 * x + 1.1) + 1e-6 * 1.8 + 2e-6);
    expect(ppk2Amperes(calibration, 2, 1000, 1.8)).toBeCloseTo(expected, 15);
  });

  it('[METER-2] of a range above the highest is of the highest', () => {
    expect([5, 6, 7].map((range) => rangeOf(range << 14))).toEqual([4, 4, 4]);
  });
});

describe('ppk2VoltageBytes', () => {
  it.each([
    [800, [0x03, 0x20]],
    [1800, [0x07, 0x08]],
    [3300, [0x0c, 0xe4]],
    [5000, [0x13, 0x88]],
  ])('[METER-2] %d mV', (millivolts, bytes) => {
    expect(ppk2VoltageBytes(millivolts)).toEqual(bytes);
  });

  it.each([799, 5001, 3300.5])('[METER-13] refuses %d mV', (millivolts) => {
    expect(() => ppk2VoltageBytes(millivolts)).toThrow(expect.objectContaining({ code: 'request.invalid' }));
  });
});
