import { comparedMost, mulberry32 } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { brushed, rectangleOf } from './brush.js';
import { chartModel } from './chart-model.js';
import { syntheticPoints } from './testing-points.js';

describe('brush', () => {
  it('[CHART-9] takes what may be shipped first, no more than can be compared, and says how many there were', () => {
    const model = chartModel({
      points: syntheticPoints(60, mulberry32(2)),
      x: 'latency_p50_ms',
      y: 'accuracy',
      constraints: [],
      width: 900,
      height: 500,
      stairs: 'draw',
    })!;
    const all = brushed(model.marks, { left: 0, top: 0, right: 900, bottom: 500 });
    const chosen = all.keys.map((key) => model.marks.find((mark) => mark.key === key)!);
    expect([all.inside, all.keys.length]).toEqual([60, comparedMost]);
    expect(chosen.every((mark) => mark.status === 'on')).toBe(true);
    expect(rectangleOf({ x: 10, y: 10 }, { x: 12, y: 12 })).toBeUndefined();
    expect(rectangleOf({ x: 30, y: 10 }, { x: 12, y: 40 })).toEqual({ left: 12, top: 10, right: 30, bottom: 40 });
  });
});
