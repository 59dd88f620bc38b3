import type { Surroundings } from './sensor-source.js';

export type Calibration = NonNullable<Surroundings['calibration']>;

/** What a person can say of the sensors of this device: driver -> keys. `*`: a place, `1-0040` or with its channel `1-0040.2`. */
const keys: Readonly<Record<string, RegExp>> = {
  'rpi-pmic': /^(slope|intercept)$/,
  ina3221: /^[\w-]+\.[123]\.shuntOhm$/,
  ina2xx: /^[\w-]+\.(shuntOhm|boardInput)$/,
};

/**
 * `rpi-pmic.slope=1.13`, `rpi-pmic.intercept=0.61` (W), `ina3221.1-0040.1.shuntOhm=0.00502`, `ina2xx.1-0040.shuntOhm=0.1`,
 * `ina2xx.1-0040.boardInput=1` -> values by driver and key. Throws a plain Error that names the bad one.
 */
export function parseCalibration(entries: readonly string[]): Calibration {
  const calibration: Record<string, Record<string, number>> = {};
  for (const entry of entries) {
    const [, driver = '', key = '', digits = ''] = /^([\w-]+)\.([\w.-]+)=(.*)$/.exec(entry) ?? [];
    const value = digits.trim() === '' ? Number.NaN : Number(digits);
    const known = Object.hasOwn(keys, driver) && keys[driver]!.test(key);
    if (!known || !Number.isFinite(value) || (!/intercept$/.test(key) && value <= 0))
      throw new Error(`"${entry}" is no calibration such as rpi-pmic.slope=1.13 or ina2xx.1-0040.shuntOhm=0.1`);
    calibration[driver] = { ...calibration[driver], [key]: value };
  }
  // One half of a line is no calibration: the other would be another board's.
  const pmic = calibration['rpi-pmic'];
  if (pmic && (pmic.slope === undefined || pmic.intercept === undefined))
    throw new Error('rpi-pmic.slope and rpi-pmic.intercept belong together');
  return calibration;
}

/** The options that give this calibration again. */
export function calibrationArgs(calibration: Calibration): string[] {
  return Object.entries(calibration).flatMap(([driver, values]) =>
    Object.entries(values).flatMap(([key, value]) => ['--calibrate', `${driver}.${key}=${value}`]),
  );
}
