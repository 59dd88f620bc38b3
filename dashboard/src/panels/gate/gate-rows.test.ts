import type { EnvironmentChange, GateRow, Trend } from '@hilltop/contracts';
import { SweepFile } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { causesOf } from './causes.js';
import { changeText, rowViews, sureText, sureWords } from './gate-rows.js';
import { lostOf, lostPoints, rerunFile } from './rerun-file.js';

const row = (n: number, more: Partial<GateRow> = {}): GateRow => ({
  row: n,
  modelId: 'mod_aaaaaaaa',
  modelName: 'net',
  recipe: 'int8',
  settings: { threads: 1, graphLevel: 'all' },
  deviceId: 'dev_aaaaaaaa',
  deviceName: 'pi',
  protocol: 'standard',
  metric: 'latency_p50_ms',
  unit: 'ms',
  value: 2,
  baseline: 1,
  scale: 'ratio',
  change: 1.071,
  low: 1.058,
  high: 1.084,
  test: 'mann-whitney',
  runs: { now: 4, before: 4 },
  n: { now: 12, before: 12 },
  runIds: { now: [], before: [] },
  verdict: 'worse',
  p: 0.001,
  q: 0.004,
  ...more,
});

describe('rows of a gate on the page', () => {
  it('[NIGHT-6] tell how sure and how much apart, and never round up to certain', () => {
    const exact = row(2, { test: 'exact', low: 1.1, high: 1.1, change: 1.1, p: undefined, q: undefined } as object);
    const quality = row(3, { scale: 'difference', change: -0.012, low: -0.02, high: -0.004, q: 0.03 });
    expect([row(1), exact, quality].map((each) => [sureText(each), sureWords(each), changeText(each)])).toEqual([
      ['>\u00a00.99', 'almost sure', '+7.10\u00a0% [+5.80, +8.40]'],
      ['exact', 'counted, not estimated', '+10.0\u00a0%'],
      ['0.97', 'sure', '−1.20\u00a0points [−2.00, −0.40]'],
    ]);
    expect(sureWords(row(1, { verdict: 'inconclusive' }))).toBe('cannot be told');
    expect(changeText(row(1, { change: 1, low: 0.999, high: 1.00001 }))).toBe('0.00\u00a0% [−0.10, 0.00]');
  });

  it('[NIGHT-6] stand by lane and by how sure, the accepted last, each with its own nights', () => {
    const accepted = { state: 'accepted', n: 1, by: 'Ana', at: '2026-01-01T00:00:00.000Z' } as const;
    const night = (value: number, relative?: number) => ({
      sweepId: 'swp_aaaaaaaa',
      at: '2026-01-01T00:00:00.000Z',
      value,
      ...(relative !== undefined && { relative }),
    });
    const { modelId, modelName, recipe, settings, deviceId, deviceName, protocol, metric, unit, scale } = row(1);
    const series = { modelId, modelName, recipe, settings, deviceId, deviceName, protocol, metric, unit, scale };
    const trend: Trend = { ...series, nights: [night(1, 0.5), night(2)], changes: [] };
    const views = rowViews(
      {
        rows: [
          row(1, { q: 0.04 }),
          row(2, { recipe: 'fp16' }),
          row(3, { verdict: 'same' }),
          row(4, { decision: accepted, recipe: 'a' }),
          row(5, { verdict: 'improved' }),
        ],
      },
      [trend],
    );
    expect(views.map(({ row: { row: n }, lane, history }) => [n, lane, history])).toEqual([
      [2, 'regressed', []],
      [1, 'regressed', [0.5, 2]],
      [5, 'improved', [0.5, 2]],
      [3, 'same', [0.5, 2]],
      [4, 'regressed', []],
    ]);
  });

  it('[NIGHT-7] names what changed on the devices that regressed, and on how many of them', () => {
    const change = (deviceName: string, more: Partial<EnvironmentChange> = {}): EnvironmentChange => ({
      deviceId: `dev_${deviceName}`,
      deviceName,
      fact: 'runtime',
      before: 'ort 1.30',
      now: 'ort 1.31',
      ...more,
    });
    const on = (n: number, deviceName: string) => row(n, { deviceId: `dev_${deviceName}`, deviceName });
    const changes = [
      change('pi'),
      change('nano'),
      change('pi', { fact: 'governor', before: 'performance', now: 'powersave' }),
      change('else'),
    ];
    expect(causesOf({ rows: [on(1, 'pi'), on(2, 'nano'), on(3, 'nano')] }, changes)).toEqual([
      { text: 'runtime ort 1.30 → ort 1.31', devices: ['pi', 'nano'], of: 2, rows: 3 },
      { text: 'governor performance → powersave', devices: ['pi'], of: 2, rows: 1 },
    ]);
  });

  it('[NIGHT-8] what was lost is measured again as the night was, and nothing else', () => {
    const { modelId, modelName, recipe, settings, deviceId, deviceName } = row(1);
    const lost = {
      modelId,
      modelName,
      recipe,
      settings,
      deviceId,
      deviceName,
      in: 'sweep',
      reason: 'not-measured',
    } as const;
    const missing = [
      { ...lost, metric: 'accuracy' as const },
      lost,
      { ...lost, in: 'baseline' as const, recipe: 'new' },
    ];
    expect([lostOf({ missing }).length, lostPoints(lostOf({ missing }))]).toEqual([2, 1]);
    const file = SweepFile.parse({ name: 'nightly', models: ['net'], recipes: ['int8', 'fp16'], replicates: 4 });
    expect(rerunFile(file, lostOf({ missing }))).toMatchObject({
      name: 'nightly again',
      models: ['mod_aaaaaaaa'],
      recipes: ['int8'],
      selector: { devices: ['dev_aaaaaaaa'] },
      sampler: { name: 'grid' },
      replicates: 4,
    });
  });
});
