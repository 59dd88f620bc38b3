import { mean } from '../summaries/intervals.js';
import { bestSplit } from './e-divisive.js';
import { studentP } from './tails.js';

export interface ChangePoint {
  /** Index of the first value after the change. */
  readonly index: number;
  /** Means of the stretches before and after it, up to the neighbouring changes. */
  readonly before: number;
  readonly after: number;
  /** Of Student's t test between the two. */
  readonly p: number;
}

export interface ChangeOptions {
  /** Values looked at together, so that what a long series does elsewhere hides nothing. */
  readonly window?: number;
  readonly maxP?: number;
  /** Smaller changes are none; in the unit of the series (a logarithm: a share). */
  readonly minMagnitude?: number;
}

/** While candidates are collected; what stays must meet `maxP`. */
const lenience = 10;

/**
 * From where on a series is otherwise: E-divisive means in sliding windows, t test instead of permutations, then the
 * weakest candidates fall until all are sure and large enough (Hunter: Fleming et al. 2023, arXiv 2301.03034).
 * Deterministic. A single outlier is no change: each side of a split has at least two values.
 */
export function changePoints(
  series: readonly number[],
  { window = 50, maxP = 0.001, minMagnitude = 0 }: ChangeOptions = {},
): ChangePoint[] {
  const found = new Set<number>();
  const step = Math.max(1, Math.floor(window / 2));
  for (let from = 0; from === 0 || from + step < series.length; from += step)
    collect(series, from, Math.min(series.length, from + window), maxP * lenience, found);
  return thinned(
    series,
    [...found].sort((a, b) => a - b),
    maxP,
    minMagnitude,
  );
}

function collect(series: readonly number[], from: number, to: number, maxP: number, found: Set<number>): void {
  const split = bestSplit(series.slice(from, to));
  if (!split) return;
  const index = from + split.tau;
  if (tTest(series.slice(from, index), series.slice(index, to)) > maxP) return;
  found.add(index);
  collect(series, from, index, maxP, found);
  collect(series, index, to, maxP, found);
}

function thinned(
  series: readonly number[],
  candidates: readonly number[],
  maxP: number,
  minMagnitude: number,
): ChangePoint[] {
  const points = pointsOf(series, candidates);
  const large = ({ before, after }: ChangePoint): boolean => Math.abs(after - before) >= minMagnitude;
  const weak = points.filter((point) => point.p > maxP || !large(point));
  if (weak.length === 0) return points;
  const weakest = weak.reduce((a, b) => (b.p > a.p ? b : a));
  return thinned(
    series,
    candidates.filter((index) => index !== weakest.index),
    maxP,
    minMagnitude,
  );
}

function pointsOf(series: readonly number[], indices: readonly number[]): ChangePoint[] {
  return indices.map((index, i) => {
    const left = series.slice(i === 0 ? 0 : indices[i - 1]!, index);
    const right = series.slice(index, indices[i + 1] ?? series.length);
    return { index, before: mean(left), after: mean(right), p: tTest(left, right) };
  });
}

/** Two-sided p of Student's t test with equal variances; 1 where a side has fewer than two values. */
export function tTest(a: readonly number[], b: readonly number[]): number {
  const [n, m] = [a.length, b.length];
  if (n < 2 || m < 2) return 1;
  const [x, y] = [mean(a), mean(b)];
  const squares = (values: readonly number[], centre: number): number =>
    values.reduce((sum, v) => sum + (v - centre) ** 2, 0);
  const df = n + m - 2;
  const variance = (squares(a, x) + squares(b, y)) / df;
  if (variance === 0) return x === y ? 1 : 0;
  return studentP((x - y) / Math.sqrt(variance * (1 / n + 1 / m)), df);
}
