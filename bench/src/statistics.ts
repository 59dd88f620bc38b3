import { mulberry32, quantileOfSorted } from '@hilltop/contracts';

export const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
export const geometricMean = (values: readonly number[]): number => Math.exp(mean(values.map(Math.log)));

/** Sample standard deviation (n - 1). */
export function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / (values.length - 1));
}

/** Nearest-rank quantile of unsorted values. */
export const quantile = (values: readonly number[], p: number): number =>
  quantileOfSorted(Float64Array.from(values).sort(), p);

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Geometric mean of ratios with its 95 % bootstrap percentile interval; whole pairs are resampled. */
export function bootstrapRatio(ratios: readonly number[], seed = 1, resamples = 10_000): Interval {
  const random = mulberry32(seed);
  const means = Array.from({ length: resamples }, () =>
    geometricMean(ratios.map(() => ratios[Math.floor(random() * ratios.length)]!)),
  );
  return { value: geometricMean(ratios), low: quantile(means, 0.025), high: quantile(means, 0.975) };
}
