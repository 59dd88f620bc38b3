import { type Interval, normal, normalQuantile975, quantileOfSorted } from '@hilltop/contracts';
import { mean, standardDeviation, studentQuantile975 } from '../summaries/intervals.js';
import { cutFrom, middle, middleOfCounts } from './middle.js';

// As in `middle`: the innermost loop of a gate.
const { floor } = Math;

/** Runs of one point in one night: of each the positive values of its processes. */
export type Runs = ReadonlyArray<readonly number[]>;

/** One night of a point, and of the control beside it; `control` absent: nothing to be divided by. */
export interface Night {
  readonly subject: Runs;
  readonly control?: Runs;
}

/** A night's logarithm, relative to its control, with what resampling makes of it. */
export interface Contrast {
  readonly value: number;
  readonly draws: Float64Array;
  /** Independent values that a rank test may compare; empty where runs are too few. */
  readonly units: readonly number[];
  /** Degrees of freedom of the least known part; undefined where nothing is uncertain. */
  readonly df: number | undefined;
}

export interface Resampling {
  readonly random: () => number;
  readonly replicates?: number;
  /** What runs differ by beyond their processes where too few runs show it: standard deviation of the logarithm. */
  readonly betweenRuns: number;
}

/** From so many runs on, what runs differ by is what these runs differ by. */
export const runsThatTell = 4;
export const defaultReplicates = 2000;

/** Logarithm of a night's subject over its control, resampled. Where both ran equally often, in turns, they are compared pair by pair: what disturbed both cancels. */
export function contrastOf(night: Night, resampling: Resampling): Contrast {
  const subject = night.subject.map(logs);
  const control = night.control?.map(logs);
  if (!control || control.length === 0) return resampled(subject, resampling);
  if (subject.length >= runsThatTell && subject.length === control.length) {
    const centres = control.map(middle);
    return resampled(
      subject.map((run, i) => [middle(run) - centres[i]!]),
      resampling,
    );
  }
  const [above, below] = [resampled(subject, resampling), resampled(control, resampling)];
  return {
    value: above.value - below.value,
    draws: above.draws.map((draw, i) => draw - below.draws[i]!),
    units: [],
    df: least(above.df, below.df),
  };
}

export interface Ratio extends Interval {
  /** 90 % interval: two one-sided tests at 5 %, which is what `same` asks. */
  readonly inner: { readonly low: number; readonly high: number };
  /** Standard deviation of the logarithm; 0 where nothing is uncertain. */
  readonly deviation: number;
  readonly df: number | undefined;
}

/** now / before of two nights with its percentile intervals. */
export function ratioOf(now: Contrast, before: Contrast): Ratio {
  const value = now.value - before.value;
  const draws = now.draws.map((draw, i) => draw - before.draws[i % before.draws.length]!).sort();
  const at = (p: number): number => quantileOfSorted(draws, p);
  const low = (p: number): number => Math.exp(Math.min(value, at(p)));
  const high = (p: number): number => Math.exp(Math.max(value, at(p)));
  return {
    value: Math.exp(value),
    low: low(0.025),
    high: high(0.975),
    inner: { low: low(0.05), high: high(0.95) },
    deviation: spreadOf(draws),
    df: least(now.df, before.df),
  };
}

const logs = (run: readonly number[]): number[] => run.map(Math.log);
const least = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);

/** Equal counts give logarithms that differ by rounding alone. */
function spreadOf(draws: Float64Array): number {
  const spread = standardDeviation([...draws]);
  return spread < 1e-12 ? 0 : spread;
}

/** Middle of a night's runs (logarithms), resampled: whole runs where there are enough, else processes within each. */
function resampled(runs: ReadonlyArray<readonly number[]>, resampling: Resampling): Contrast {
  const { random, replicates = defaultReplicates, betweenRuns } = resampling;
  const centres = runs.map(middle);
  if (runs.length >= runsThatTell)
    return { ...drawn(centres, resampling), units: centres, df: isOnePoint(centres) ? undefined : centres.length - 1 };
  const parts = runs.map((processes) => drawn(processes, resampling));
  const between = betweenRuns / Math.sqrt(runs.length);
  const draws = Float64Array.from(
    { length: replicates },
    (_, i) => mean(parts.map((part) => part.draws[i]!)) + (between > 0 ? between * normal(random) : 0),
  );
  const processes = runs.reduce((n, run) => n + run.length - 1, 0);
  const certain = between === 0 && runs.every(isOnePoint);
  return { value: mean(centres), draws, units: [], df: certain ? undefined : Math.max(1, processes) };
}

const isOnePoint = (values: readonly number[]): boolean => values.every((value) => value === values[0]);

/**
 * Middles of resamples. Two values, of which nothing is cut, resample too narrowly: widened so that 95 % of the replicates
 * fill Student's interval. From three on, 95 % intervals of the resampled middle hold the truth in 91 to 97 % (simulated).
 */
function drawn(
  values: readonly number[],
  { random, replicates = defaultReplicates }: Resampling,
): { readonly value: number; readonly draws: Float64Array } {
  const n = values.length;
  const value = middle(values);
  const draws = new Float64Array(replicates).fill(value);
  if (n < 2 || isOnePoint(values)) return { value, draws };
  const widen = n < cutFrom ? Math.sqrt(n / (n - 1)) * (studentQuantile975(n - 1) / normalQuantile975) : 1;
  const sorted = Float64Array.from(values).sort();
  const counts = new Uint16Array(n);
  for (let i = 0; i < replicates; i++) {
    counts.fill(0);
    for (let k = 0; k < n; k++) counts[floor(random() * n)]! += 1;
    draws[i] = value + widen * (middleOfCounts(sorted, counts) - value);
  }
  return { value, draws };
}
