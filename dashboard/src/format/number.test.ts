import { describe, expect, it } from '@jest/globals';
import { formatInterval, formatMetric, formatNumber, formatRange, formatShare, halfWidth } from './number.js';

describe('numbers', () => {
  const value = (v: number, low?: number, high?: number) => ({
    value: v,
    n: 5,
    unit: '',
    ...(low !== undefined && { low }),
    ...(high !== undefined && { high }),
  });

  it('are in engineering units, MB = 10^6', () => {
    expect([
      formatMetric('latency_p50_ms', 12.94),
      formatMetric('latency_p50_ms', 0.0108),
      formatMetric('load_ms', 2000),
      formatMetric('size_bytes', 64e6),
      formatMetric('size_bytes', 512),
      formatMetric('accuracy', 0.8612),
      formatMetric('parameters', 1.2e6),
      formatMetric('throughput_ips', 81.2),
    ]).toEqual([
      '12.9\u00a0ms',
      '10.8\u00a0µs',
      '2.00\u00a0s',
      '64.0\u00a0MB',
      '512\u00a0B',
      '0.861',
      '1.20\u00a0M',
      '81.2\u00a0/s',
    ]);
  });

  it('a hair from 0 is 0', () => {
    expect([formatNumber(-1e-9), formatNumber(4e-7, 1), formatNumber(1e-6, 1)]).toEqual(['0', '0', '0.000001']);
  });

  it('carry as many decimals as their half-width deserves', () => {
    expect([
      formatInterval('latency_p50_ms', value(12.94, 12.3, 13.5)),
      formatInterval('latency_p50_ms', value(212.03, 211.9, 212.2)),
      formatInterval('accuracy', value(0.912, 0.9, 0.923)),
      formatInterval('size_bytes', value(1.2e6)),
    ]).toEqual(['12.9 ± 0.6\u00a0ms', '212.03 ± 0.17\u00a0ms', '0.912 ± 0.012', '1.20\u00a0MB']);
    expect(formatInterval('memory_peak_bytes', value(6.01e6, 4.62e6, 6.01e6))).toBe('6.01 [4.62, 6.01]\u00a0MB');
    expect([
      halfWidth(value(10, 9, 12)),
      halfWidth(value(10)),
      formatRange('latency_p50_ms', value(12.94, 12.31, 13.5)),
    ]).toEqual([2, undefined, '[12.3, 13.5]\u00a0ms']);
  });

  it('a share is not rounded up to done', () => {
    expect([formatShare(0.999), formatShare(1), formatShare(-1)]).toEqual(['99\u00a0%', '100\u00a0%', '0\u00a0%']);
  });
});
