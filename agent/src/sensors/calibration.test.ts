import { describe, expect, it } from '@jest/globals';
import { calibrationArgs, parseCalibration } from './calibration.js';

describe('--calibrate', () => {
  it('[SENSE-9] takes what is known of a board, and gives the same again for its service', () => {
    const entries = [
      'rpi-pmic.slope=1.13',
      'rpi-pmic.intercept=-0.02',
      'ina3221.1-0040.2.shuntOhm=0.00502',
      'ina2xx.1-0040.shuntOhm=0.1',
      'ina2xx.1-0040.boardInput=1',
    ];
    const calibration = parseCalibration(entries);
    expect(calibration).toEqual({
      'rpi-pmic': { slope: 1.13, intercept: -0.02 },
      ina3221: { '1-0040.2.shuntOhm': 0.00502 },
      ina2xx: { '1-0040.shuntOhm': 0.1, '1-0040.boardInput': 1 },
    });
    expect(parseCalibration(calibrationArgs(calibration).filter((arg) => arg !== '--calibrate'))).toEqual(calibration);
  });

  it.each([
    'rpi-pmic.slope=',
    'rpi-pmic.slope=fast',
    'rpi-pmic.gain=1',
    'ina2xx.1-0040.shuntOhm=0',
    'ina2xx.1-0040.shuntOhm=-1',
    'ina3221.1-0040.4.shuntOhm=0.005',
    'rapl.scale=2',
    '__proto__.slope=1',
    'rpi-pmic.slope=1.1',
    '',
  ])('[SENSE-9] refuses %j by name', (entry) => {
    expect(() => parseCalibration([entry])).toThrow(/calibration|belong together/);
  });
});
