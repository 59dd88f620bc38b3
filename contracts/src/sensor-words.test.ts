import { describe, expect, it } from '@jest/globals';
import type { Sensor } from './sensor.js';
import { sensorWords } from './sensor-words.js';

const words = (over: Partial<Sensor>) =>
  sensorWords(
    { id: 'a/b', driver: 'ina3221', quantity: 'power', scope: 'rail', kind: 'sampled', ...over },
    { number: (value, digits) => String(Number(value.toPrecision(digits))), space: ' ' },
  );

describe('sensorWords', () => {
  it('[SENSE-18] says scope, step, limit and uncertainty; what is not known is empty', () => {
    expect(
      words({
        scope: 'module-input',
        total: true,
        resolution: 0.03987,
        updateMs: 6.6,
        uncertainty: { gain: 0.006398, offset: 0.04746, source: 'data sheet' },
      }),
    ).toEqual({
      id: 'a/b',
      reads: 'power',
      scope: 'module-input, total',
      step: '0.0399 W',
      every: '6.6 ms',
      limit: '',
      uncertainty: '0.64 % + 0.047 W',
      source: 'data sheet',
    });
    expect(words({ quantity: 'energy', kind: 'counter', resolution: 2 ** -14, simulated: true })).toMatchObject({
      id: 'a/b (simulated)',
      reads: 'energy, counter',
      step: '61 µJ',
      uncertainty: '',
    });
    expect(words({ quantity: 'temperature', limit: 97 }).limit).toBe('97 °C');
    expect(words({ quantity: 'state', resolution: 1 }).step).toBe('1');
  });
});
