import { describe, expect, it } from '@jest/globals';
import { parseWhere } from '../../view/view.js';
import {
  constraintRows,
  nearestMisses,
  sliderSteps,
  stepOf,
  valueAt,
  withConstraint,
  withoutRow,
  withValue,
} from './constraint-rows.js';
import { testPoint } from './testing-points.js';

const points = [
  testPoint('fp32', { accuracy: 0.91, memory_peak_bytes: 120e6 }),
  testPoint('int8', { accuracy: 0.9, memory_peak_bytes: 70.3e6 }),
  testPoint('tiny', { accuracy: 0.7, memory_peak_bytes: 2e6 }),
];

describe('constraint rows', () => {
  it('[CHART-3] slider, number and unit write one text, the same that the CLI reads', () => {
    const where = 'memory_peak_bytes<64MB,nonsense,accuracy>=0.8';
    const [memory, accuracy] = constraintRows(where, points);
    expect([memory!.shown, memory!.unit, memory!.kind, accuracy!.index]).toEqual(['64', 'MB', 'log', 2]);
    expect(withValue(where, memory!, 71_000_000)).toBe('memory_peak_bytes<71MB,nonsense,accuracy>=0.8');
    expect(withValue(where, memory!, memory!.constraint.value, 'kB')).toBe(
      'memory_peak_bytes<64000kB,nonsense,accuracy>=0.8',
    );
    expect(withoutRow(where, accuracy!)).toBe('memory_peak_bytes<64MB,nonsense');
    expect(withConstraint('', 'memory_peak_bytes', points)).toBe('memory_peak_bytes<=120MB');
    expect(withConstraint('size_bytes<1MB', 'accuracy', points)).toBe('size_bytes<1MB,accuracy>=0.7');
  });

  it('[CHART-3] the ends of a slider let everything and nothing fit, and each step is found again', () => {
    for (const where of ['memory_peak_bytes<64MB', 'accuracy>=0.8']) {
      const [row] = constraintRows(where, points);
      const fits = [0, sliderSteps].map((step) => {
        const { constraints } = parseWhere(withValue(where, row!, valueAt(row!, step)));
        return (
          constraintRows(where, points).length &&
          points.filter((p) => {
            const v = p.metrics[constraints[0]!.metric]!.value;
            return constraints[0]!.op.startsWith('<') ? v <= constraints[0]!.value : v >= constraints[0]!.value;
          }).length
        );
      });
      expect(fits.sort()).toEqual([0, 3]);
      for (const step of [0, 60, 131, sliderSteps]) {
        const [moved] = constraintRows(withValue(where, row!, valueAt(row!, step)), points);
        expect(Math.abs(stepOf(moved!) - step)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('[CHART-4] where nothing fits each constraint says how far it would have to give, and what would fit then', () => {
    const rows = constraintRows('memory_peak_bytes<64MB,accuracy>=0.85', points);
    expect(nearestMisses(points, rows).map(({ row, value, fits }) => [row.constraint.metric, value, fits])).toEqual([
      // Less than 70.3 MB excludes what takes just that.
      ['memory_peak_bytes', 70.4e6, 1],
      ['accuracy', 0.7, 1],
    ]);
    expect(nearestMisses(points, constraintRows('accuracy>=0.85', points))).toEqual([]);
    expect(nearestMisses(points, constraintRows('accuracy>=0.95,memory_peak_bytes<1MB', points))).toEqual([]);
  });
});
