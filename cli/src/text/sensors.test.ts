import { describe, expect, it } from '@jest/globals';
import { sensorTable } from './sensors.js';

describe('sensorTable', () => {
  it('[SENSE-18] has a line for each sensor of a device, and is nothing without any', () => {
    expect(
      sensorTable([
        {
          id: 'ina3221/VDD_IN',
          driver: 'ina3221',
          quantity: 'power',
          scope: 'module-input',
          kind: 'sampled',
          total: true,
          resolution: 0.03987,
          updateMs: 6.6,
          uncertainty: { gain: 0.006398, offset: 0.04746, source: 'data sheet' },
        },
        {
          id: 'thermal-zone/cpu',
          driver: 'thermal-zone',
          quantity: 'temperature',
          scope: 'package',
          kind: 'sampled',
          limit: 97,
        },
      ]),
    ).toBe(
      [
        'Sensor            Reads        Scope                    Step    Every    Limit  Uncertainty',
        'ina3221/VDD_IN    power        module-input, total  0.0399 W  6.60 ms           0.64 % + 0.047 W (data sheet)',
        'thermal-zone/cpu  temperature  package                                 97.0 °C',
        '',
      ].join('\n'),
    );
    expect(sensorTable([])).toBe('');
  });
});
