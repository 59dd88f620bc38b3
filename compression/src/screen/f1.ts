import { type Estimate, normalInterval } from './normal-interval.js';

/**
 * F1 of each class, averaged over the classes that the labels hold, so that two variants of a model are averaged over the same.
 * The interval is the delta method's (Takahashi, Yamamoto, Kuchiba & Koyama 2022, "Confidence interval for micro-averaged F1 and
 * macro-averaged F1 scores"): F1 = 2 TP / (predicted + true), each item moves numerator and denominator of its own two classes.
 */
export function macroF1(predicted: ArrayLike<number>, labels: ArrayLike<number>): Estimate {
  const n = labels.length;
  const right = new Map<number, number>();
  const both = new Map<number, number>();
  const add = (map: Map<number, number>, key: number): void => void map.set(key, (map.get(key) ?? 0) + 1);
  for (let i = 0; i < n; i++) {
    add(both, labels[i]!);
    if (predicted[i] === labels[i]) add(right, labels[i]!);
  }
  const classes = [...both.keys()];
  for (let i = 0; i < n; i++) if (both.has(predicted[i]!)) add(both, predicted[i]!);
  const f1 = new Map(classes.map((c) => [c, (2 * (right.get(c) ?? 0)) / both.get(c)!]));
  const value = [...f1.values()].reduce((sum, v) => sum + v, 0) / classes.length;
  let variance = 0;
  for (let i = 0; i < n; i++) {
    const [label, own] = [labels[i]!, predicted[i]!];
    let influence = ((label === own ? 2 : 0) - f1.get(label)!) / both.get(label)!;
    if (f1.has(own)) influence -= f1.get(own)! / both.get(own)!;
    variance += (influence / classes.length) ** 2;
  }
  return normalInterval(value, Math.sqrt(variance), 0, 1);
}
