import { binomialCdf, type Interval, LabError, type PairedComparison, shareInterval } from '@hilltop/contracts';

/** Items both, only the model, only the variant, neither of them got right. */
export interface PairedCounts {
  readonly both: number;
  readonly onlyModel: number;
  readonly onlyVariant: number;
  readonly neither: number;
}

/** Counts the pairs; the three columns have one entry for each item. Throws `data.shape-mismatch`. */
export function countPairs(
  model: ArrayLike<number>,
  variant: ArrayLike<number>,
  labels: ArrayLike<number>,
): PairedCounts {
  if (model.length !== labels.length || variant.length !== labels.length)
    throw new LabError('data.shape-mismatch', 'model, variant and labels have different numbers of items');
  const counts = { both: 0, onlyModel: 0, onlyVariant: 0, neither: 0 };
  for (let i = 0; i < labels.length; i++) {
    const [ours, theirs] = [variant[i] === labels[i], model[i] === labels[i]];
    counts[ours ? (theirs ? 'both' : 'onlyVariant') : theirs ? 'onlyModel' : 'neither']++;
  }
  return counts;
}

/**
 * Exact two-sided McNemar test: between equals each discordant pair falls either way with 1/2 (twice the smaller tail, at
 * most 1; McNemar 1947, exact form as in Fagerland, Lydersen & Laake 2013).
 */
export function mcNemar(onlyModel: number, onlyVariant: number): number {
  const discordant = onlyModel + onlyVariant;
  if (discordant === 0) return 1;
  return Math.min(1, 2 * binomialCdf(Math.min(onlyModel, onlyVariant), discordant, 0.5));
}

/**
 * Variant's share minus the model's with its 95 % interval: Newcombe 1998 ("Improved confidence intervals for the difference
 * between binomial proportions based on paired data", Statistics in Medicine 17), method 10: Wilson intervals of both shares,
 * joined with their correlation, corrected for continuity.
 */
export function pairedDifference({ both, onlyModel, onlyVariant, neither }: PairedCounts): Interval {
  const n = both + onlyModel + onlyVariant + neither;
  const variant = shareInterval(both + onlyVariant, n);
  const model = shareInterval(both + onlyModel, n);
  const margins = (both + onlyVariant) * (onlyModel + neither) * (both + onlyModel) * (onlyVariant + neither);
  const cross = both * neither - onlyModel * onlyVariant;
  const corrected = cross > n / 2 ? cross - n / 2 : Math.min(cross, 0);
  const phi = margins === 0 ? 0 : corrected / Math.sqrt(margins);
  const joined = (a: number, b: number): number => Math.sqrt(Math.max(0, a * a - 2 * phi * a * b + b * b));
  const value = (onlyVariant - onlyModel) / n;
  return {
    value,
    low: Math.max(-1, value - joined(variant.value - variant.low, model.high - model.value)),
    high: Math.min(1, value + joined(variant.high - variant.value, model.value - model.low)),
  };
}

/** The whole comparison of a variant with its model, item by item. */
export function comparePairs(counts: PairedCounts): PairedComparison {
  return { ...counts, pValue: mcNemar(counts.onlyModel, counts.onlyVariant), difference: pairedDifference(counts) };
}
