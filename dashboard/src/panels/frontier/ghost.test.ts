import type { BaselineFrontier, DeviceFrontier } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { chartModel } from './chart-model.js';
import { baselineOf, ghostOf } from './ghost.js';
import { testPoint } from './testing-points.js';

const device = { id: 'dev_00000001', name: 'pi', type: 'pi / ort', emulated: false };
const frontier = (latency: number, key = 'standard | single | pi | host'): DeviceFrontier => ({
  device,
  key,
  points: [
    testPoint('fp32', { latency_p50_ms: 40, accuracy: 0.91 }),
    testPoint('int8', { latency_p50_ms: latency, accuracy: 0.9 }),
  ],
  excluded: {},
});
const base = (devices: DeviceFrontier[]): BaselineFrontier => ({
  baseline: {
    id: 'base_00000001',
    name: 'v1',
    sweepId: 'swp_00000001',
    sweepName: 'nightly',
    createdAt: '2026-01-01T00:00:00.000Z',
  },
  at: '2026-01-01T00:00:00.000Z',
  model: 'mdl_00000001',
  protocol: 'standard',
  objectives: [],
  devices,
});

describe('ghost', () => {
  it('[CHART-7] draws the stairs of the baseline, and an arrow from where a point was to where it is', () => {
    const now = frontier(10);
    const model = chartModel({
      points: now.points,
      x: 'latency_p50_ms',
      y: 'accuracy',
      constraints: [],
      width: 900,
      height: 500,
      stairs: 'draw',
    })!;
    const ghost = ghostOf(model, frontier(20), 'v1')!;
    const int8 = model.marks.find((mark) => mark.label === 'int8')!;
    expect(ghost.moves).toEqual([
      { key: int8.key, from: { x: model.x.scale.at(20), y: int8.cy }, to: { x: int8.cx, y: int8.cy } },
    ]);
    expect(ghost.path.startsWith(`M${model.x.scale.at(20).toFixed(1)} ${model.plot.bottom.toFixed(1)}L`)).toBe(true);
    expect(ghostOf(model, now, 'v1')!.moves).toEqual([]);
  });

  it('[CHART-8] another protocol, device type or scope is said and never drawn into the same chart', () => {
    const own = frontier(10);
    const before = frontier(20);
    const other = frontier(20, 'standard | single | pi 5 | host');
    expect(baselineOf(base([before]), own, 'standard')).toEqual({ before });
    expect(baselineOf(undefined, own, 'standard')).toEqual({});
    for (const answer of [
      baselineOf(base([before]), own, 'strict'),
      baselineOf(base([other]), own, 'standard'),
      baselineOf(base([]), own, 'standard'),
    ])
      expect([answer.before, typeof answer.why]).toEqual([undefined, 'string']);
  });
});
