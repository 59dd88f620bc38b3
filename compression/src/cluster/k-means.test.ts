import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomFloats } from '../testing/models.js';
import { kMeans, nearest } from './k-means.js';

const errorOf = (values: readonly number[], centres: Float64Array, weights?: readonly number[]): number =>
  values.reduce((sum, v, i) => sum + (weights?.[i] ?? 1) * (v - centres[nearest(centres, v)]!) ** 2, 0);

/** The least error there is, by trying every way of cutting the sorted values. */
function leastError(values: readonly number[], clusters: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const cost = (from: number, to: number): number => {
    const part = sorted.slice(from, to);
    const mean = part.reduce((s, v) => s + v, 0) / part.length;
    return part.reduce((s, v) => s + (v - mean) ** 2, 0);
  };
  const best = (from: number, left: number): number => {
    if (left === 1 || sorted.length - from <= 1) return cost(from, sorted.length);
    let least = cost(from, sorted.length);
    for (let to = from + 1; to < sorted.length; to++) least = Math.min(least, cost(from, to) + best(to, left - 1));
    return least;
  };
  return best(0, clusters);
}

describe('kMeans', () => {
  it('finds the best clusters of few values', () => {
    fc.assert(
      fc.property(
        // On a grid as fine as the histogram, so that its answer is exact.
        fc.array(fc.integer({ min: 0, max: 2047 }), { minLength: 2, maxLength: 10 }),
        fc.integer({ min: 1, max: 4 }),
        (values, clusters) => {
          const centres = kMeans(Float64Array.from(values), clusters);
          expect(centres.length).toBeLessThanOrEqual(clusters);
          expect([...centres]).toEqual([...centres].sort((a, b) => a - b));
          expect(errorOf(values, centres)).toBeLessThanOrEqual(leastError(values, clusters) * (1 + 1e-9) + 1e-6);
        },
      ),
    );
  });

  it('keeps values that are few enough as they are', () => {
    expect([...kMeans(Float64Array.of(2, -1, 2, 0.1), 3)]).toEqual([-1, 0.1, 2]);
  });

  it('serves values that count more', () => {
    const values = [0, 0.1, 0.2, 9, 10, 11];
    const weights = [1, 1, 1000, 1, 1, 1];
    const [low] = kMeans(Float64Array.from(values), 2, Float64Array.from(weights));
    expect(low).toBeCloseTo(200.1 / 1002, 9);
  });

  it('comes close to the best quantizer of a normal distribution, whose distortion is known', () => {
    const [u, v] = [randomFloats(12_000, 3), randomFloats(12_000, 4)];
    const normal = [...u].map((a, i) => Math.sqrt(-2 * Math.log((a + 1) / 2 + 1e-12)) * Math.cos(Math.PI * v[i]!));
    const power = normal.reduce((s, x) => s + x * x, 0);
    // Max 1960, table I: mean squared error for 8 and for 16 levels.
    for (const [clusters, distortion] of [
      [8, 0.03454],
      [16, 0.009497],
    ] as const) {
      const centres = kMeans(Float64Array.from(normal), clusters);
      expect(errorOf(normal, centres) / power / distortion).toBeCloseTo(1, 1);
    }
  });

  it('gives the same values twice', () => {
    const values = Float64Array.from(randomFloats(500, 7));
    expect(kMeans(values, 16)).toEqual(kMeans(values, 16));
  });
});
