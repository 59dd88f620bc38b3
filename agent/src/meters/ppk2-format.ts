import { LabError } from '@hilltop/contracts';

/** Commands of the Nordic Power Profiler Kit II, one byte each, then their arguments. */
export const ppk2Opcode = {
  start: 0x06,
  stop: 0x07,
  power: 0x0c,
  voltage: 0x0d,
  mode: 0x11,
  metadata: 0x19,
} as const;

/** How it is in the supply: it is the supply, or somebody else's passes through it. */
export const ppk2Modes = { ampere: 1, source: 2 } as const;
export type Ppk2Mode = keyof typeof ppk2Modes;

export const ppk2SamplesPerSecond = 100_000;
export const ppk2Ranges = 5;
/** Of the 14-bit converter. */
export const ppk2AdcMax = 0x3fff;
/** Volt a quarter step of the converter: 1.8 V reference, 2^14 steps of 4, gain 2.5. */
const voltPerCount = 1.8 / 163_840;

/** Coefficients by measuring range: shunt `r` ohm, offset `o` in quarter steps, gains and offsets of the current in A. */
export interface Ppk2Calibration {
  readonly r: readonly number[];
  readonly gs: readonly number[];
  readonly gi: readonly number[];
  readonly o: readonly number[];
  readonly s: readonly number[];
  readonly i: readonly number[];
  readonly ug: readonly number[];
}

/**
 * Nominal shunts, for a kit without a calibration. Its squared term has no nominal value: the 1 per ampere that kits are initialised with would
 * add a third at 370 mA.
 */
export const nominalCalibration: Ppk2Calibration = {
  r: [1031.64, 101.65, 10.15, 0.94, 0.043],
  gs: [0, 0, 0, 0, 0],
  gi: [1, 1, 1, 1, 1],
  o: [0, 0, 0, 0, 0],
  s: [0, 0, 0, 0, 0],
  i: [0, 0, 0, 0, 0],
  ug: [1, 1, 1, 1, 1],
};

export interface Ppk2Metadata {
  readonly calibration: Ppk2Calibration;
  /** Whether every shunt has a value of its own. */
  readonly calibrated: boolean;
  readonly hardware?: string;
  /** Of the regulator, as it is set now. */
  readonly millivolts?: number;
  readonly mode?: Ppk2Mode;
}

/** Answer to `metadata`: lines `KEY: value` up to `END`; what comes before the first key is left out. Throws `device.protocol`. */
export function parsePpk2Metadata(text: string): Ppk2Metadata {
  const values = new Map<string, number>();
  for (const [, key, value] of text.matchAll(/(\w+):[ \t]*(\S+)/g)) values.set(key!.toUpperCase(), Number(value));
  if (!/^END\b/m.test(text) || !values.has('R0'))
    throw new LabError('device.protocol', 'what answers is no PPK2: no metadata with R0 and END');
  const row = (name: string, nominal: readonly number[], valid: (value: number) => boolean): number[] =>
    nominal.map((fallback, range) => {
      const value = values.get(`${name}${range}`) ?? Number.NaN;
      return valid(value) ? value : fallback;
    });
  const positive = (value: number): boolean => Number.isFinite(value) && value > 0;
  const { r, gs, gi, o, s, i, ug } = nominalCalibration;
  const millivolts = values.get('VDD');
  const mode = (Object.keys(ppk2Modes) as Ppk2Mode[]).find((name) => ppk2Modes[name] === values.get('MODE'));
  const hardware = values.get('HW');
  return {
    calibration: {
      r: row('R', r, positive),
      gs: row('GS', gs, Number.isFinite),
      gi: row('GI', gi, positive),
      o: row('O', o, Number.isFinite),
      s: row('S', s, Number.isFinite),
      i: row('I', i, Number.isFinite),
      ug: row('UG', ug, positive),
    },
    calibrated: r.every((_, range) => positive(values.get(`R${range}`) ?? Number.NaN)),
    ...(hardware !== undefined && Number.isFinite(hardware) && { hardware: String(hardware) }),
    ...(millivolts !== undefined && millivolts >= 800 && millivolts <= 5000 && { millivolts }),
    ...(mode && { mode }),
  };
}

/** Arguments of `voltage`, 800..5000 mV. Throws `request.invalid`. */
export function ppk2VoltageBytes(millivolts: number): [number, number] {
  if (!Number.isInteger(millivolts) || millivolts < 800 || millivolts > 5000)
    throw new LabError('request.invalid', `a PPK2 gives 800 to 5000 mV, not ${millivolts}`);
  const d = millivolts - 800 + 32;
  return [3 + Math.floor(d / 256), d % 256];
}

/** One sample, a little-endian word: bits 0-13 converter, 14-16 range, 18-23 counter, 24-31 logic inputs. */
export const adcOf = (word: number): number => word & 0x3fff;
export const rangeOf = (word: number): number => {
  const range = (word >>> 14) & 7;
  return range < ppk2Ranges ? range : ppk2Ranges - 1;
};
export const counterOf = (word: number): number => (word >>> 18) & 63;
export const logicOf = (word: number): number => word >>> 24;

/** Current of a converter's value, A. `volts`: of the supply, on which the offset depends a little. */
export function ppk2Amperes(calibration: Ppk2Calibration, range: number, adc: number, volts: number): number {
  const { r, gs, gi, o, s, i, ug } = calibration;
  const x = ((4 * adc - o[range]!) * voltPerCount) / r[range]!;
  return ug[range]! * (x * (gs[range]! * x + gi[range]!) + (s[range]! * volts + i[range]!));
}
