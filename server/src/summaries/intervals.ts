import { betaIncomplete, binomialCdf, type Interval, normalQuantile975, quantileOfSorted } from '@hilltop/contracts';

/** 97.5 % quantile of Student's t for `df` degrees of freedom, by bisection on the incomplete beta. */
export function studentQuantile975(df: number): number {
  const upperTail = (t: number): number => 0.5 * betaIncomplete(df / 2, 0.5, df / (df + t * t));
  let low = 0;
  let high = 1000;
  for (let i = 0; i < 200 && high - low > 1e-12 * high; i++) {
    const middle = (low + high) / 2;
    if (upperTail(middle) > 0.025) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** Sample standard deviation (n - 1); 0 for one value. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const m = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - m) ** 2, 0) / (values.length - 1));
}

/**
 * Geometric mean of one positive value per process with its 95 % interval: Student's t on the logarithms, and in
 * quadrature what another run of the same would differ by (`betweenRuns`, a standard deviation of the logarithm).
 * Processes differ more than the iterations inside one (Kalibera & Jones 2013), so n is the number of processes.
 * Undefined for fewer than two values or a value that is not positive.
 */
export function processInterval(values: readonly number[], betweenRuns = 0): Interval | undefined {
  if (values.length < 2 || values.some((v) => !(v > 0))) return undefined;
  const logs = values.map(Math.log);
  const centre = mean(logs);
  const within = (studentQuantile975(logs.length - 1) * standardDeviation(logs)) / Math.sqrt(logs.length);
  const half = Math.hypot(within, normalQuantile975 * betweenRuns);
  return { value: Math.exp(centre), low: Math.exp(centre - half), high: Math.exp(centre + half) };
}

/** Mean of values of any sign with Student's 95 % interval; one value has none. For what is a difference: a logarithm of it means nothing. */
export function meanInterval(values: readonly number[]): Interval | undefined {
  if (values.length < 2) return undefined;
  const value = mean(values);
  const half = (studentQuantile975(values.length - 1) * standardDeviation(values)) / Math.sqrt(values.length);
  return { value, low: value - half, high: value + half };
}

/**
 * Ranks (1-based) of the order statistics that enclose the p-quantile of n independent values with 95 %:
 * the smallest l with BinCDF(l) > 0.025 and the smallest u with BinCDF(u - 1) >= 0.975. `upper` absent: u > n.
 * Undefined when no lower rank exists either.
 */
export function quantileRanks(n: number, p: number): { lower: number; upper: number | undefined } | undefined {
  const smallest = (from: number, holds: (k: number) => boolean): number => {
    let low = from;
    let high = n + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (holds(middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const lower = smallest(0, (k) => binomialCdf(k, n, p) > 0.025);
  const upper = smallest(1, (k) => binomialCdf(k - 1, n, p) >= 0.975);
  if (lower < 1 || (lower === 1 && binomialCdf(0, n, p) > 0.025)) return undefined;
  return { lower, upper: upper <= n ? upper : undefined };
}

/** p-quantile of sorted values with its order-statistic interval; undefined when n is too small for both ends. */
export function quantileInterval(sorted: ArrayLike<number>, p: number): Interval | undefined {
  const ranks = quantileRanks(sorted.length, p);
  if (!ranks || ranks.upper === undefined) return undefined;
  return { value: quantileOfSorted(sorted, p), low: sorted[ranks.lower - 1]!, high: sorted[ranks.upper - 1]! };
}
