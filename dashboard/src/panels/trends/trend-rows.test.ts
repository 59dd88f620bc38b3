import type { Trend } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { stepText, trendRows } from './trend-rows.js';

const trend = (recipe: string, values: number[], changedAt?: string): Trend => ({
  modelId: 'mod_aaaaaaaa',
  modelName: 'net',
  recipe,
  settings: { threads: 1, graphLevel: 'all' },
  deviceId: 'dev_aaaaaaaa',
  deviceName: 'pi',
  protocol: 'standard',
  metric: 'latency_p50_ms',
  unit: 'ms',
  scale: 'ratio',
  nights: values.map((value, i) => ({
    sweepId: `swp_0000000${i}`,
    at: '2026-06-01T00:00:00.000Z',
    value,
    ...(i === 0 && { relative: 0.5 }),
  })),
  changes: changedAt
    ? [{ sweepId: 'swp_00000001', at: changedAt, night: 1, change: 1.071, p: 0.001, verdict: 'worse' }]
    : [],
});

describe('metrics over the nights', () => {
  it('[NIGHT-13] show what changed last on top, and nothing of a single night', () => {
    const rows = trendRows([
      trend('b', [1, 2]),
      trend('a', [1, 2]),
      trend('old', [1, 2], '2026-05-01T00:00:00.000Z'),
      trend('new', [1, 2], '2026-06-01T00:00:00.000Z'),
      trend('one', [1]),
    ]);
    expect(rows.map(({ trend: { recipe }, change }) => [recipe, change?.verdict])).toEqual([
      ['new', 'worse'],
      ['old', 'worse'],
      ['a', undefined],
      ['b', undefined],
    ]);
    expect(rows[0]!.values).toEqual([0.5, 2]);
    expect([stepText('ratio', 1.071), stepText('difference', -0.012)]).toEqual(['+7.1\u00a0%', '−1.2\u00a0points']);
  });
});
