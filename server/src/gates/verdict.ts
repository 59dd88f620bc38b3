import type { GateDoubt, GateVerdict } from '@hilltop/contracts';

/** What a row's verdict rests on. Differences and logarithms alike: `worse` is positive. */
export interface Evidence {
  /** 95 % interval of how much worse it is. */
  readonly low: number;
  readonly high: number;
  /** 90 % interval. */
  readonly inner: { readonly low: number; readonly high: number };
  /** After Benjamini and Hochberg; absent: nothing is uncertain. */
  readonly q?: number;
  /** In the unit of the intervals. */
  readonly threshold: number;
  /** A control is needed and there is none. */
  readonly uncontrolled: boolean;
  /** The control changed more than dividing by it can be trusted to take out. */
  readonly severe: boolean;
}

/** Of what is called worse or improved, so many may be nothing. */
export const falseDiscoveryRate = 0.05;

/**
 * Four ways. `worse`: the whole interval lies beyond the threshold, and it stays a discovery among all rows. `same`:
 * both one-sided tests at 5 % exclude a change of the threshold. `improved`: surely better, and not the same.
 */
export function verdictOf(evidence: Evidence): { readonly verdict: GateVerdict; readonly doubt?: GateDoubt } {
  const { low, high, inner, q, threshold, uncontrolled, severe } = evidence;
  // A threshold of one per cent is met by exactly one per cent, whatever logarithms round to.
  const limit = threshold + 1e-12;
  if (uncontrolled) return { verdict: 'inconclusive', doubt: 'no-control' };
  if (inner.low >= -limit && inner.high <= limit) return { verdict: 'same' };
  const worse = low > limit;
  if (!worse && high >= 0) return { verdict: 'inconclusive', doubt: 'noise' };
  if (severe) return { verdict: 'inconclusive', doubt: 'environment' };
  if (q !== undefined && q > falseDiscoveryRate) return { verdict: 'inconclusive', doubt: 'discoveries' };
  return { verdict: worse ? 'worse' : 'improved' };
}

/** Smallest threshold at which the same measurements would be called `same`. */
export function resolution({ inner }: Pick<Evidence, 'inner'>): number {
  return Math.max(Math.abs(inner.low), Math.abs(inner.high));
}

/** Of a whole gate: one that is worse decides, then one that is open, or a point that is missing. */
export function overall(verdicts: readonly GateVerdict[], missing: number): GateVerdict {
  if (verdicts.includes('worse')) return 'worse';
  if (missing > 0 || verdicts.includes('inconclusive')) return 'inconclusive';
  return verdicts.includes('improved') ? 'improved' : 'same';
}
