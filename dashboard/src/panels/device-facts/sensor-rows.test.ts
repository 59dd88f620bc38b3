import { describe, expect, it } from '@jest/globals';
import { sensorRows } from './sensor-rows.js';

describe('sensorRows', () => {
  it('[SENSE-18] says scope, step and uncertainty of each sensor of a device', () => {
    expect(
      sensorRows([
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
          id: 'rapl/package-0',
          driver: 'rapl',
          quantity: 'energy',
          scope: 'package',
          kind: 'counter',
          resolution: 2 ** -14,
        },
        { id: 'ppk2/1', driver: 'ppk2', quantity: 'power', scope: 'dut-vdd', kind: 'sampled', simulated: true },
      ]),
    ).toEqual([
      {
        id: 'ina3221/VDD_IN',
        reads: 'power',
        scope: 'module-input, total',
        step: '0.0399\u00a0W',
        every: '6.60\u00a0ms',
        uncertainty: '0.64 % + 0.0475\u00a0W',
        source: 'data sheet',
      },
      {
        id: 'rapl/package-0',
        reads: 'energy, counter',
        scope: 'package',
        step: '61.0\u00a0µJ',
        every: '',
        uncertainty: '',
        source: undefined,
      },
      {
        id: 'ppk2/1 (simulated)',
        reads: 'power',
        scope: 'dut-vdd',
        step: '',
        every: '',
        uncertainty: '',
        source: undefined,
      },
    ]);
  });
});
