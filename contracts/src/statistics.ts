/**
 * Statistics that more than one package needs: the quantile convention and the stop rule of the measuring protocols, so that
 * "p90" means the same on the device and in the summary; the interval of a share, for summaries and screening.
 */

/** Nearest rank: the ceil(n*p)-th smallest value. `sorted` ascending, not empty; 0 < p <= 1. */
export function quantileOfSorted(sorted: ArrayLike<number>, p: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * p - 1e-9) - 1)]!;
}

/** Median by nearest rank of unsorted values. */
export function median(values: ArrayLike<number>): number {
  return quantileOfSorted(Float64Array.from(values).sort(), 0.5);
}

/** ln Gamma(x), x > 0. Lanczos, g = 7, n = 9 (Numerical Recipes 6.1): relative error < 1e-14. */
export function lnGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
  const c = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  let a = c[0]!;
  const t = x + 6.5;
  for (let i = 1; i < 9; i++) a += c[i]! / (x - 1 + i);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(a);
}

/** Regularised incomplete beta I_x(a, b) by Lentz's continued fraction (Numerical Recipes 6.4). */
export function betaIncomplete(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - betaIncomplete(b, a, 1 - x);
  const front = Math.exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return front * h;
}

/** P[Binomial(n, p) <= k] */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return betaIncomplete(n - k, k + 1, 1 - p);
}

/** A value with its 95 % interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** 97.5 % quantile of the standard normal. */
export const normalQuantile975 = 1.959963984540054;

/** Wilson score interval of a share of k in n, 95 %: stays inside 0..1 and does not collapse at the ends. */
export function shareInterval(k: number, n: number): Interval {
  const z = normalQuantile975;
  const p = k / n;
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  // Rounding must not push an end past the value: with k = n the upper end is 1 - 1e-16.
  return { value: p, low: Math.max(0, Math.min(p, centre - half)), high: Math.min(1, Math.max(p, centre + half)) };
}

/**
 * LoadGen early stopping (mlcommons/inference, early_stopping): the largest number t of queries over the bound
 * among n for which I_p(n - t, t + 1) <= 1 - c. Undefined when even t = 0 does not convince (n too small).
 * The guaranteed p-quantile is then the t-th largest latency, for which t >= 1 is needed.
 */
export function earlyStoppingDiscard(n: number, p: number, c = 0.99): number | undefined {
  const convinced = (t: number): boolean => betaIncomplete(n - t, t + 1, p) <= 1 - c;
  if (n < 1 || !convinced(0)) return undefined;
  let low = 0;
  let high = n - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (convinced(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
