import { describe, expect, it } from '@jest/globals';
import { formatAge, formatBytes, formatDuration, formatInterval, formatMetric, formatMs } from './units.js';

describe('units', () => {
  it.each([
    [formatMs(0.0123), '12.3 µs'],
    [formatMs(1.2345), '1.23 ms'],
    [formatMs(999.7), '1.00 s'],
    [formatMs(0), '0 ns'],
    [formatBytes(264), '264 B'],
    [formatBytes(925_798), '926 kB'],
    [formatBytes(999_900), '1.00 MB'],
    [formatMetric('accuracy', 0.91349), '91.3 %'],
    [formatMetric('sqnr_db', 21.34), '21.3 dB'],
    [formatMetric('mse', 0.000123), '1.23e-4'],
    [formatMetric('parameters', 231_402), '231 k'],
    [formatMetric('parameters', 12), '12'],
    [formatMetric('throughput_ips', 812.4), '812 /s'],
    [formatMetric('throughput_ips', 2410), '2.41 k/s'],
    [formatMetric('energy_mj', 1.5), '1.50 mJ'],
    [formatDuration(185_000), '3 min 5 s'],
    [formatDuration(7_800_000), '2 h 10 min'],
    [formatAge('2026-03-01T11:59:59Z', Date.parse('2026-03-01T12:00:00Z')), 'now'],
    [formatAge('2026-02-27T12:00:00Z', Date.parse('2026-03-01T12:00:00Z')), '2 d ago'],
  ])('[CLI-10] %s = %s', (shown, wanted) => {
    expect(shown).toBe(wanted);
  });

  it('[CLI-10] shows an interval where there is one', () => {
    const value = { value: 1.24, low: 1.21, high: 1.29, n: 3, unit: 'ms' };
    expect([
      formatInterval('latency_p50_ms', value),
      formatInterval('latency_p50_ms', { value: 1.24, n: 1, unit: 'ms' }),
    ]).toEqual(['1.24 ms (1.21 – 1.29)', '1.24 ms']);
  });
});
