import type { Gate, GateRow, GateVerdict } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { gateNews } from './gate-news.js';

const row = (recipe: string, verdict: GateVerdict, more: Partial<GateRow> = {}): GateRow => ({
  row: 1,
  modelId: 'mod_00000001',
  modelName: 'net',
  recipe,
  settings: { threads: 1, graphLevel: 'all' },
  deviceId: 'dev_00000001',
  deviceName: 'pi',
  protocol: 'standard',
  metric: 'latency_p50_ms',
  unit: 'ms',
  value: 1.03,
  baseline: 1,
  scale: 'ratio',
  change: 1.031,
  low: 1.02,
  high: 1.04,
  test: 'mann-whitney',
  runs: { now: 3, before: 3 },
  n: { now: 15, before: 15 },
  runIds: { now: [], before: [] },
  verdict,
  ...more,
});
const gate = (verdict: GateVerdict, rows: readonly GateRow[] = []): Gate => ({
  id: 'gate_00000001',
  sweepId: 'swp_00000001',
  sweepName: 'nightly',
  baselineId: 'base_00000001',
  baselineName: 'release',
  baselineSweepId: 'swp_00000000',
  maxRegression: 0.01,
  metrics: ['latency_p50_ms'],
  verdict,
  counts: { improved: 0, same: 0, worse: 0, inconclusive: 2, accepted: 0, missing: 1 },
  environment: [],
  createdAt: '2026-06-01T02:00:00.000Z',
  rows: [...rows],
  missing: [],
});
const kindOf = (now: Gate, before?: Gate) => gateNews(now, before)?.kind;

describe('what a gate has to tell', () => {
  it('[NEWS-6] nothing when it says what the night before said, whatever that was', () => {
    const nights = [
      gate('same'),
      gate('worse', [row('int8', 'worse')]),
      gate('improved', [row('int8', 'improved')]),
      gate('inconclusive'),
    ];
    expect(nights.map((night) => kindOf(night, night))).toEqual([undefined, undefined, undefined, undefined]);
    expect(kindOf(gate('same'))).toBeUndefined();
    // The figures differ from night to night; that a row is worse does not.
    expect(kindOf(gate('worse', [row('int8', 'worse', { change: 1.05, row: 7 })]), nights[1])).toBeUndefined();
    expect(kindOf(gate('worse', []), nights[1])).toBeUndefined();
  });

  it('[NEWS-6] the first that is worse, improved or inconclusive, and one that is the same again', () => {
    const same = gate('same');
    const worse = gate('worse', [row('int8', 'worse')]);
    expect([
      kindOf(worse),
      kindOf(worse, same),
      kindOf(gate('improved', [row('int8', 'improved')]), same),
      kindOf(gate('inconclusive'), worse),
      kindOf(worse, gate('inconclusive')),
      kindOf(same, worse),
      kindOf(same, gate('inconclusive')),
      kindOf(same, gate('improved')),
    ]).toEqual([
      'regression',
      'regression',
      'improvement',
      'inconclusive',
      'regression',
      'recovered',
      'recovered',
      undefined,
    ]);
  });

  it('[NEWS-6] another row that is worse is news, with the worst first; one that somebody accepted is none', () => {
    const before = gate('worse', [row('int8', 'worse')]);
    const now = gate('worse', [
      row('int8', 'worse'),
      row('prune', 'worse', { row: 2, metric: 'accuracy', scale: 'difference', change: -0.2, low: -0.3, high: -0.1 }),
      row('fp16', 'worse', {
        row: 3,
        change: 9,
        decision: { state: 'accepted', n: 1, by: 'Ana', at: '2026-06-01T02:00:00.000Z' },
      }),
    ]);
    const found = gateNews(now, before);
    expect({ ...found, rows: found?.rows.map(({ recipe }) => recipe) }).toEqual({
      kind: 'regression',
      text: expect.stringContaining('−20.0 points'),
      rows: ['prune', 'int8'],
      rowCount: 2,
    });
    // The same rows for other settings are other rows.
    expect(kindOf(gate('worse', [row('int8', 'worse', { settings: { threads: 4, graphLevel: 'all' } })]), before)).toBe(
      'regression',
    );
  });
});
