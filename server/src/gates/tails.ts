import { betaIncomplete } from '@hilltop/contracts';

/** Two-sided p of Student's t with `df` degrees of freedom. */
export function studentP(t: number, df: number): number {
  if (t === 0) return 1;
  if (!Number.isFinite(t)) return 0;
  return betaIncomplete(df / 2, 0.5, df / (df + t * t));
}

/** Two-sided p of a standard normal z, relative error below 1.2e-7 (Numerical Recipes 6.2, erfc). */
export function normalP(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const series = [
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
  ].reduce((sum, c) => sum * t + c, 0);
  return Math.min(1, t * Math.exp(-x * x - 1.26551223 + t * series));
}
