import { type Interval, normalQuantile975 as z } from '@hilltop/contracts';
import type { ClassRule, Outputs } from './classes.js';
import type { Estimate } from './normal-interval.js';

/** Share of (positive, negative) pairs in the right order, ties counting half, and each item's own share. */
interface Placements {
  readonly auc: number;
  /** By item: share of the other kind that it is on the right side of. */
  readonly shares: Float64Array;
  readonly positives: number;
  readonly negatives: number;
}

/** How many of an ascending list lie below a value, ties counting half. */
function below(sorted: Float64Array, value: number): number {
  const bound = (holds: (v: number) => boolean): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(sorted[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return (bound((v) => v < value) + bound((v) => v <= value)) / 2;
}

function placements(scores: Float64Array, isPositive: (item: number) => boolean): Placements | undefined {
  const positives = scores.filter((_, i) => isPositive(i)).sort();
  const negatives = scores.filter((_, i) => !isPositive(i)).sort();
  if (positives.length === 0 || negatives.length === 0) return undefined;
  let sum = 0;
  const shares = scores.map((score, i) => {
    if (!isPositive(i)) return 1 - below(positives, score) / positives.length;
    const share = below(negatives, score) / negatives.length;
    sum += share;
    return share;
  });
  return { auc: sum / positives.length, shares, positives: positives.length, negatives: negatives.length };
}

/**
 * Newcombe 2006 ("Confidence intervals for an effect size measure based on the Mann-Whitney statistic, part 2"), method 5: the
 * values whose own Hanley-McNeil spread reaches the observed one. Does not collapse at 0 and 1.
 */
export function aucInterval(auc: number, positives: number, negatives: number): Interval {
  const middle = (positives + negatives) / 2 - 1;
  const spread = (t: number): number =>
    Math.sqrt(((t * (1 - t)) / (positives * negatives)) * (1 + middle * ((1 - t) / (2 - t) + t / (1 + t))));
  const solve = (outside: number): number => {
    let [inner, outer] = [auc, outside];
    for (let i = 0; i < 60; i++) {
      const t = (inner + outer) / 2;
      if (Math.abs(auc - t) <= z * spread(t)) inner = t;
      else outer = t;
    }
    return inner;
  };
  return { value: auc, low: solve(0), high: solve(1) };
}

/**
 * Area under the ROC curve of output 0. Two classes: of class 1, Newcombe's interval. More: the mean over the labelled classes,
 * each against all others by its probability (softmax where the outputs are no probabilities); its interval is DeLong's over
 * items on the logit scale, absent where every class is told apart without a mistake. Undefined where a class has no
 * counterpart, the model gives no score, or a score is NaN.
 */
export function areaUnderRoc(outputs: Outputs, labels: Int32Array, rule: ClassRule): Estimate | undefined {
  const { perItem, data } = outputs;
  const present = [...new Set(labels)];
  if (rule.kind === 'score' || (rule.kind === 'largest' && perItem === 2)) {
    // The softmax of two outputs grows with their difference, and so does the second of two probabilities.
    const scores = Float64Array.from(labels, (_, i) => (perItem === 2 ? data[2 * i + 1]! - data[2 * i]! : data[i]!));
    if (scores.some(Number.isNaN) || present.some((label) => label > 1)) return undefined;
    const found = placements(scores, (i) => labels[i] === 1);
    return found && aucInterval(found.auc, found.positives, found.negatives);
  }
  if (rule.kind !== 'largest' || present.some((label) => label >= perItem) || data.some(Number.isNaN)) return undefined;
  return meanOfClasses(probabilities(outputs), perItem, labels, present);
}

function meanOfClasses(
  scores: Float32Array | Float64Array,
  perItem: number,
  labels: Int32Array,
  classes: readonly number[],
): Estimate | undefined {
  const influence = new Float64Array(labels.length);
  let sum = 0;
  for (const label of classes) {
    const own = Float64Array.from(labels, (_, i) => scores[i * perItem + label]!);
    const found = placements(own, (i) => labels[i] === label);
    if (!found) return undefined;
    sum += found.auc;
    for (let i = 0; i < labels.length; i++)
      influence[i]! +=
        (found.shares[i]! - found.auc) / (labels[i] === label ? found.positives : found.negatives) / classes.length;
  }
  const value = sum / classes.length;
  const deviation = Math.sqrt(influence.reduce((total, v) => total + v * v, 0));
  if (deviation === 0 || value <= 0 || value >= 1) return { value };
  const logit = Math.log(value / (1 - value));
  const half = (z * deviation) / (value * (1 - value));
  const share = (x: number): number => 1 / (1 + Math.exp(-x));
  return { value, low: share(logit - half), high: share(logit + half) };
}

/** The outputs where they are probabilities, else their softmax by item. */
function probabilities({ perItem, data }: Outputs): Float32Array | Float64Array {
  const items = data.length / perItem;
  const row = (i: number): Float32Array => data.subarray(i * perItem, (i + 1) * perItem);
  // int8 probabilities sum to 1 within half a step of each: 0.05 is far from what logits do.
  const are = Array.from({ length: items }, (_, i) => row(i)).every(
    (values) => values.every((v) => v >= 0 && v <= 1) && Math.abs(values.reduce((sum, v) => sum + v, 0) - 1) < 0.05,
  );
  if (are) return data;
  const out = new Float64Array(data.length);
  for (let i = 0; i < items; i++) {
    const values = row(i);
    const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = values.reduce((total, v) => total + Math.exp(v - most), 0);
    values.forEach((v, k) => {
      out[i * perItem + k] = Math.exp(v - most) / sum;
    });
  }
  return out;
}
