import type { Sensor } from '@hilltop/contracts';

/** What the data sheets say of the current monitors of Texas Instruments; limits, not standard deviations. */
interface InaChip {
  /** Step of the voltage over the shunt, V. */
  readonly shuntStepV: number;
  /** Step of the power register, as a multiple of the current's step in A per V; absent: the driver multiplies. */
  readonly powerStep?: number;
  /** Most that the voltage over the shunt is off, V. */
  readonly shuntOffsetV: number;
  /** Most that the voltage of the rail is off, V. */
  readonly busOffsetV: number;
  /** Most that the gain of each of the two is off, relative. */
  readonly gain: number;
  readonly source: string;
}

/** Offsets and gains are the maxima at 25 °C. */
export const inaChips = {
  ina3221: { shuntStepV: 40e-6, shuntOffsetV: 80e-6, busOffsetV: 16e-3, gain: 0.0025, source: 'INA3221 (SBOS576)' },
  ina219: {
    shuntStepV: 10e-6,
    powerStep: 20,
    shuntOffsetV: 100e-6,
    busOffsetV: 0,
    gain: 0.005,
    source: 'INA219 (SBOS448)',
  },
  ina226: {
    shuntStepV: 2.5e-6,
    powerStep: 25,
    shuntOffsetV: 10e-6,
    busOffsetV: 7.5e-3,
    gain: 0.001,
    source: 'INA226 (SBOS547)',
  },
} as const satisfies Record<string, InaChip>;

/** What a shunt on a board is taken to hold, where nobody measured it. */
const shuntTolerance = 0.01;

export interface InaPlace {
  /** As the driver believes, or as measured. */
  readonly shuntOhm: number;
  readonly shunt: 'assumed' | 'measured';
  /** Of the rail, V. */
  readonly volt: number;
  /** Who multiplied: the chip, in its power register, or we. */
  readonly from: 'register' | 'product';
}

/** Step of a power in W and its standard uncertainty: limits taken as rectangles (limit / sqrt 3), a step's as step / sqrt 12. */
export function inaQuality(
  name: keyof typeof inaChips,
  { shuntOhm, shunt, volt, from }: InaPlace,
): Required<Pick<Sensor, 'resolution' | 'uncertainty'>> {
  const chip: InaChip = inaChips[name];
  const stepA = chip.shuntStepV / shuntOhm;
  const resolution = from === 'register' && chip.powerStep ? chip.powerStep * stepA : stepA * volt;
  const tolerance = shunt === 'measured' ? 0 : shuntTolerance;
  const gain = Math.hypot(chip.gain, chip.gain, chip.busOffsetV / volt, tolerance) / Math.sqrt(3);
  const offsetW = ((chip.shuntOffsetV / shuntOhm) * volt) / Math.sqrt(3);
  return {
    resolution: rounded(resolution),
    uncertainty: {
      gain: rounded(gain),
      offset: rounded(Math.hypot(offsetW, resolution / Math.sqrt(12))),
      source: `data sheet of the ${chip.source}, ${shunt === 'measured' ? 'shunt as calibrated' : `shunt ${shuntTolerance * 100} % assumed`}`,
    },
  };
}

/** Four digits are more than any of these deserve. */
const rounded = (value: number): number => Number(value.toPrecision(4));

/** Rails that contain all others of their module. */
export function isInputRail(label: string | undefined): boolean {
  return label !== undefined && /^(VDD_IN|POM_5V_IN|VIN)$/.test(label);
}

/** Channels that are no rail: not connected, or the chip's own sum. */
export function isNoRail(label: string): boolean {
  return /\bNC\b|^sum of/i.test(label);
}
