import * as z from 'zod';

/** Who gives a reading: one row each in `agent/src/sensors` (files of the kernel, tools) or `agent/src/meters` (instruments). */
export const sensorDrivers = [
  'ina3221',
  'ina3221-iio',
  'ina2xx',
  'soctherm',
  'tegra-gpu',
  'tegra-emc',
  'nvpmodel',
  'rpi-pmic',
  'rpi-throttled',
  'rpi-clock',
  'rapl',
  'hwmon-gpu',
  'nvidia-smi',
  'battery',
  'thermal-zone',
  'cooling-device',
  'cpufreq',
  'thermal-throttle',
  'ppk2',
  'lpm01a',
  'tasmota',
  'shelly',
] as const;
export const SensorDriver = z.enum(sensorDrivers);
export type SensorDriver = z.infer<typeof SensorDriver>;

/** Instruments that are chosen for a device, not found on it. */
export const meterDrivers = ['ppk2', 'lpm01a', 'tasmota', 'shelly'] as const satisfies readonly SensorDriver[];
export const MeterDriver = z.enum(meterDrivers);
export type MeterDriver = z.infer<typeof MeterDriver>;

/** What is read, always in this unit of the SI; `state`: bits or a mode, `count`: events since some start. */
export const quantities = {
  power: 'W',
  energy: 'J',
  voltage: 'V',
  current: 'A',
  temperature: '°C',
  frequency: 'Hz',
  load: 'ratio',
  count: '',
  state: '',
} as const;
export type Quantity = keyof typeof quantities;
export const Quantity = z.enum(Object.keys(quantities) as [Quantity, ...Quantity[]]);

/** What a power or an energy contains. Those of different scope never share a frontier. */
export const sensorScopes = [
  'wall',
  'board-input',
  'module-input',
  'board-regulated-partial',
  'package',
  'core',
  'memory',
  'rail',
  'gpu',
  'battery',
  'dut-vdd',
  'machine',
] as const;
export const SensorScope = z.enum(sensorScopes);
export type SensorScope = z.infer<typeof SensorScope>;

/** `sampled`: the value at that moment; `averaged`: the mean over the time since the reading before; `counter`: only differences mean anything. */
export const readingKinds = ['sampled', 'averaged', 'counter'] as const;

/** One source of readings of a device, found usable by a plausible trial reading. */
export const Sensor = z.object({
  /** Stable on this device: `ina3221/VDD_IN`, `rapl/package-0`, `ppk2/E7A1`. */
  id: z.string().min(1).max(100),
  driver: SensorDriver,
  quantity: Quantity,
  scope: SensorScope,
  /** As the hardware calls it. */
  label: z.string().max(100).optional(),
  kind: z.enum(readingKinds),
  /** Of the powers and energies of a device: the one (or the parts of one) that says what it takes in all. */
  total: z.boolean().optional(),
  /** Step of the value, in its unit. */
  resolution: z.number().positive().optional(),
  /** The source has a new value this often. */
  updateMs: z.number().positive().optional(),
  /** Standard uncertainties: `gain` relative, `offset` in the unit; and where they come from. */
  uncertainty: z.object({ gain: z.number().min(0), offset: z.number().min(0), source: z.string().max(200) }).optional(),
  /** From this value on the device holds itself back (a passive trip point), in its unit. */
  limit: z.number().optional(),
  /** A counter starts again from 0 after this, in its unit. */
  wrapsAt: z.number().positive().optional(),
  /** A simulator that ships with the product: never a measurement of hardware. */
  simulated: z.boolean().optional(),
});
export type Sensor = z.infer<typeof Sensor>;

/** How far a counter went from one reading to the next, in its unit; it started again from 0 at most once. */
export function counterDifference({ wrapsAt }: Pick<Sensor, 'wrapsAt'>, from: number, to: number): number {
  return to < from && wrapsAt !== undefined ? to - from + wrapsAt : to - from;
}

/** A value with the monotonic host time before and after it was read, ms since the start of `CLOCK_MONOTONIC`. */
export interface Reading {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly value: number;
}

/** Moments of a run on the clock of its readings; column `mark` of observations `mark`. */
export const marks = {
  'idle-start': 0,
  'idle-end': 1,
  'load-start': 2,
  'load-end': 3,
  'loop-start': 4,
  'loop-end': 5,
  /** A meter lost samples, was over its range, lost its clock: no window with it inside can be trusted. */
  fault: 6,
} as const;
export type Mark = keyof typeof marks;

/** How the clock of the readings relates to that of the marks. */
export const clockMethods = ['same-clock', 'ping', 'edge', 'signature'] as const;
export const ClockMethod = z.enum(clockMethods);
