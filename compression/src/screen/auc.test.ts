import { normalQuantile975 } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomFloats } from '../testing/models.js';
import { areaUnderRoc, aucInterval } from './auc.js';
import type { Outputs } from './classes.js';

const score = (values: readonly number[]): Outputs => ({ perItem: 1, data: Float32Array.from(values) });
const rule = { kind: 'score', threshold: 0 } as const;
const largest = { kind: 'largest' } as const;
const auc = (values: readonly number[], labels: readonly number[]): number | undefined =>
  areaUnderRoc(score(values), Int32Array.from(labels), rule)?.value;

describe('area under the ROC curve', () => {
  it('[SCREEN-1] is the share of pairs in the right order, ties half', () => {
    // Positives 3, 4; negatives 1, 3: 1 + 1/2 + 1 + 1 of 4.
    expect(auc([3, 4, 1, 3], [1, 1, 0, 0])).toBe(0.875);
    expect([auc([1, 2], [0, 1]), auc([2, 1], [0, 1]), auc([5, 5], [0, 1])]).toEqual([1, 0, 0.5]);
    expect([auc([1, 2], [1, 1]), auc([1, Number.NaN], [0, 1]), auc([1, 2], [0, 2])]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('[SCREEN-1] of two outputs does not care whether they are logits or probabilities', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -30, max: 30 }), fc.integer({ min: 0, max: 1 })), {
          minLength: 2,
          maxLength: 40,
        }),
        (items) => {
          const labels = Int32Array.from(items, ([, label]) => label);
          const pairs = (values: (logit: number) => number[]): Outputs => ({
            perItem: 2,
            data: Float32Array.from(items.flatMap(([logit]) => values(logit / 4))),
          });
          const logits = areaUnderRoc(
            pairs((x) => [0, x]),
            labels,
            largest,
          );
          const shares = areaUnderRoc(
            pairs((x) => [1 / (1 + Math.exp(x)), 1 / (1 + Math.exp(-x))]),
            labels,
            largest,
          );
          expect(shares?.value).toEqual(logits && expect.closeTo(logits.value, 12));
        },
      ),
    );
  });

  it("[SCREEN-1] has Newcombe's interval for two classes: its ends are one spread away and never collapse", () => {
    const spread = (t: number, m: number, n: number): number => {
      const middle = (m + n) / 2 - 1;
      const [q1, q2] = [t / (2 - t), (2 * t * t) / (1 + t)];
      return Math.sqrt((t * (1 - t) + middle * (q1 - t * t) + middle * (q2 - t * t)) / (m * n));
    };
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 2, max: 500 }),
        fc.integer({ min: 2, max: 500 }),
        (value, m, n) => {
          const { low, high } = aucInterval(value, m, n);
          expect(high - low).toBeGreaterThan(0);
          if (low > 1e-9) expect(value - low).toBeCloseTo(normalQuantile975 * spread(low, m, n), 9);
          if (high < 1 - 1e-9) expect(high - value).toBeCloseTo(normalQuantile975 * spread(high, m, n), 9);
        },
      ),
    );
    // Hanley & McNeil 1982: 51 abnormal, 58 normal, area 0.893, standard error 0.032; the score interval leans inwards.
    const { low, high } = aucInterval(0.893, 51, 58);
    expect(low).toBeLessThan(0.893 - normalQuantile975 * 0.032);
    expect(high).toBeLessThan(0.893 + normalQuantile975 * 0.032);
    expect((high - low) / 2).toBeCloseTo(normalQuantile975 * 0.032, 2);
  });

  it('[SCREEN-1] of more classes is the mean of one against the rest', () => {
    // Class 0 is told apart always, class 1 in 3 of 4 pairs, class 2 in 3 of 4.
    const probabilities = [0.8, 0.1, 0.1, 0.1, 0.6, 0.3, 0.2, 0.3, 0.5].map(Math.fround);
    const labels = Int32Array.of(0, 1, 2);
    expect(areaUnderRoc({ perItem: 3, data: Float32Array.from(probabilities) }, labels, largest)).toEqual({ value: 1 });
    const logits = Float32Array.of(2, 0, 0, 0, 1, 1, 0, 2, 1);
    // By hand: class 0 always first; class 1's softmax is second of two; class 2's ties with the item of class 1.
    const found = areaUnderRoc({ perItem: 3, data: logits }, labels, largest)!;
    const softmax = [0, 1, 2].map((i) => {
      const row = [...logits.subarray(3 * i, 3 * i + 3)].map(Math.exp);
      return row.map((v) => v / row.reduce((a, b) => a + b));
    });
    const one = (c: number): number => {
      const rest = [0, 1, 2].filter((i) => i !== c);
      const wins = (i: number): number =>
        softmax[c]![c]! > softmax[i]![c]! ? 1 : softmax[c]![c]! === softmax[i]![c]! ? 0.5 : 0;
      return rest.reduce((sum, i) => sum + wins(i), 0) / 2;
    };
    expect(found.value).toBeCloseTo((one(0) + one(1) + one(2)) / 3, 12);
    expect(found.value).toBeLessThan(1);
  });

  it('[SCREEN-1] of more classes has an interval as wide as resampling the items makes it', () => {
    const items = 300;
    const noise = randomFloats(items * 3, 7);
    const labels = Int32Array.from({ length: items }, (_, i) => i % 3);
    const data = noise.map((v, k) => 2 * v + (k % 3 === labels[Math.floor(k / 3)]! ? 1 : 0));
    const { value, low, high } = areaUnderRoc({ perItem: 3, data }, labels, largest)!;
    const picks = randomFloats(200 * items, 11);
    const replicates = Array.from({ length: 200 }, (_, r) => {
      const chosen = Array.from({ length: items }, (_, i) => Math.floor(((picks[r * items + i]! + 1) / 2) * items));
      return areaUnderRoc(
        { perItem: 3, data: Float32Array.from(chosen.flatMap((i) => [...data.subarray(3 * i, 3 * i + 3)])) },
        Int32Array.from(chosen, (i) => labels[i]!),
        largest,
      )!.value;
    }).sort((a, b) => a - b);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
    // 200 replicates know a width to about one part in ten.
    const width = replicates[194]! - replicates[5]!;
    expect((high! - low!) / width).toBeGreaterThan(0.8);
    expect((high! - low!) / width).toBeLessThan(1.25);
  });
});
