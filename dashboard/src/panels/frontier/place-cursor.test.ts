import { describe, expect, it } from '@jest/globals';
import { chartModel } from './chart-model.js';
import { placeCursor } from './place-cursor.js';
import { testPoint } from './testing-points.js';

describe('place cursor', () => {
  it('[CHART-2] a pointer means the same place in the data in windows of any size', () => {
    const points = [
      testPoint('fp32', { latency_p50_ms: 40, accuracy: 0.91 }),
      testPoint('int8', { latency_p50_ms: 2, accuracy: 0.8 }),
    ];
    const at = (width: number, height: number) =>
      chartModel({ points, x: 'latency_p50_ms', y: 'accuracy', constraints: [], width, height, stairs: 'draw' })!;
    const [wide, narrow] = [at(1200, 520), at(360, 270)];
    for (const mark of wide.marks) {
      const place = { x: wide.x.scale.valueAt(mark.cx), y: wide.y.scale.valueAt(mark.cy) };
      const there = narrow.marks.find((other) => other.key === mark.key)!;
      const seen = placeCursor(narrow, place)!;
      expect([seen.x.toFixed(3), seen.y.toFixed(3)]).toEqual([there.cx.toFixed(3), there.cy.toFixed(3)]);
    }
    expect([placeCursor(wide, { x: 1e6, y: 0.9 }), placeCursor(wide, { x: -1, y: 0.9 })]).toEqual([
      undefined,
      undefined,
    ]);
  });
});
