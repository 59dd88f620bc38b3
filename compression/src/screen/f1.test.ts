import { normalQuantile975 } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { macroF1 } from './f1.js';

/** Predictions and labels that have this confusion matrix: rows are labels, columns predictions. */
function itemsOf(matrix: readonly (readonly number[])[]) {
  const cells = matrix.flatMap((row, label) => row.flatMap((n, own) => Array.from({ length: n }, () => [label, own])));
  return { labels: cells.map(([label]) => label!), predicted: cells.map(([, own]) => own!) };
}

/** Mean F1 as a function of the cells' probabilities: what the delta method differentiates. */
function f1Of(p: readonly (readonly number[])[]): number {
  const each = p.map((row, c) => {
    const predicted = p.reduce((sum, other) => sum + other[c]!, 0);
    return (2 * row[c]!) / (predicted + row.reduce((sum, v) => sum + v, 0));
  });
  return each.reduce((sum, v) => sum + v, 0) / each.length;
}

describe('F1', () => {
  it("[SCREEN-1] is the mean of the classes' harmonic means", () => {
    // pycm's and scikit-learn's example: F1 of the classes 0.75, 0.4, 0.54545.
    const labels = [2, 0, 2, 2, 0, 1, 1, 2, 2, 0, 1, 2];
    const predicted = [0, 0, 2, 1, 0, 2, 1, 0, 2, 0, 2, 2];
    expect(macroF1(predicted, labels).value).toBeCloseTo((0.75 + 0.4 + 6 / 11) / 3, 12);
    expect(macroF1([1, 1, 0, 0], [1, 1, 0, 0])).toEqual({ value: 1 });
    // Class 7 is nobody's label: it only takes from the others. -1 names no class.
    expect(macroF1([0, 7, -1, 1], [0, 0, 1, 1]).value).toBeCloseTo((2 / 3 + 2 / 3) / 2, 12);
  });

  it('[SCREEN-1] has the interval of the delta method', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 3, maxLength: 3 }), {
          minLength: 3,
          maxLength: 3,
        }),
        (matrix) => {
          const { labels, predicted } = itemsOf(matrix);
          const n = labels.length;
          const p = matrix.map((row) => row.map((v) => v / n));
          // Independent of the code: numerical gradient over the cells, variance of a multinomial.
          const step = 1e-6;
          const gradient = p.map((row, i) =>
            row.map((_, j) => {
              const moved = (by: number) => p.map((r, a) => r.map((v, b) => (a === i && b === j ? v + by : v)));
              return (f1Of(moved(step)) - f1Of(moved(-step))) / (2 * step);
            }),
          );
          const mean = p.flat().reduce((sum, v, k) => sum + v * gradient.flat()[k]!, 0);
          const square = p.flat().reduce((sum, v, k) => sum + v * gradient.flat()[k]! ** 2, 0);
          const half = normalQuantile975 * Math.sqrt((square - mean ** 2) / n);
          const value = f1Of(p);
          expect(macroF1(predicted, labels)).toEqual({
            value: expect.closeTo(value, 9),
            low: expect.closeTo(Math.max(0, value - half), 6),
            high: expect.closeTo(Math.min(1, value + half), 6),
          });
        },
      ),
    );
  });
});
