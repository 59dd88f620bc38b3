import { mulberry32 } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { binMarks } from './bin-marks.js';
import { chartModel } from './chart-model.js';
import { syntheticPoints } from './testing-points.js';

const model = chartModel({
  points: syntheticPoints(10_000, mulberry32(5)),
  x: 'latency_p50_ms',
  y: 'accuracy',
  constraints: [],
  width: 900,
  height: 500,
  stairs: 'draw',
})!;

describe('bin marks', () => {
  it('[CHART-5] keeps everything that may be on the frontier and what is chosen; counts the rest, none twice', () => {
    const chosen = model.marks.find((mark) => mark.status === 'dominated')!.key;
    const { marks, bins } = binMarks(model.marks, new Set([chosen]));
    const drawn = [...marks, ...bins.flatMap((bin) => bin.marks)].map((mark) => mark.key);
    expect([drawn.length, new Set(drawn).size]).toEqual([10_000, 10_000]);
    const alone = new Set(marks.map((mark) => mark.key));
    expect(model.marks.filter((m) => (m.status !== 'dominated' || m.key === chosen) && !alone.has(m.key))).toEqual([]);
    expect(bins.every((bin) => bin.marks.every((m) => Math.hypot(m.cx - bin.cx, m.cy - bin.cy) < 4.3))).toBe(true);
    expect(marks.length + bins.length).toBeLessThan(5000);
  });

  it('[CHART-5] the same points give the same marks in whatever order they come; up to 1,000 are drawn one by one', () => {
    const shape = (marks: typeof model.marks) => {
      const binned = binMarks(marks, new Set());
      return [binned.bins.map(({ id, marks: all }) => [id, all.length]), new Set(binned.marks.map((m) => m.key))];
    };
    expect(shape([...model.marks].reverse())).toEqual(shape(model.marks));
    const few = model.marks.slice(0, 1000);
    expect(binMarks(few, new Set())).toEqual({ marks: few, bins: [] });
  });
});
