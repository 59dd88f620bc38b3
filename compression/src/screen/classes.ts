import type { TensorFacts } from '../check-model.js';

/** Values of output 0, item after item. */
export interface Outputs {
  readonly perItem: number;
  readonly data: Float32Array;
}

/**
 * How output 0 names a class. `largest`: the index of the largest value. `integer`: one whole number, the class itself.
 * `score`: one number, class 1 from the threshold. `none`: it names no class.
 */
export type ClassRule =
  | { readonly kind: 'largest' }
  | { readonly kind: 'integer' }
  | { readonly kind: 'score'; readonly threshold: number }
  | { readonly kind: 'none' };

/**
 * The rule of a model, from its own outputs; its variants are read by the same one. A single floating-point number is a score
 * only where the labels know two classes: its threshold is 0.5 where all the model's scores lie in 0..1 (probabilities), else 0
 * (logits). Without labels it may be any quantity, and names no class.
 */
export function classRule(output: TensorFacts | undefined, { perItem, data }: Outputs, classes?: number): ClassRule {
  if (perItem > 1) return { kind: 'largest' };
  if (perItem === 0) return { kind: 'none' };
  if (output && /^(u?int|bool)/.test(output.type)) return { kind: 'integer' };
  if (classes === undefined || classes > 2) return { kind: 'none' };
  return { kind: 'score', threshold: data.every((v) => v >= 0 && v <= 1) ? 0.5 : 0 };
}

/** Class of each item; -1 where there is none: nothing but NaN, or a model that names no classes. The first of equals wins. */
export function classesOf({ perItem, data }: Outputs, rule: ClassRule): Int32Array {
  const predicted = new Int32Array(perItem === 0 ? 0 : data.length / perItem).fill(-1);
  for (let i = 0; i < predicted.length; i++) {
    if (rule.kind === 'largest') predicted[i] = largest(data, i * perItem, perItem);
    else if (rule.kind !== 'none' && !Number.isNaN(data[i]!))
      predicted[i] = rule.kind === 'integer' ? data[i]! : Number(data[i]! >= rule.threshold);
  }
  return predicted;
}

function largest(data: Float32Array, from: number, count: number): number {
  let best = -1;
  for (let k = 0; k < count; k++) {
    const value = data[from + k]!;
    if (!Number.isNaN(value) && (best < 0 || value > data[from + best]!)) best = k;
  }
  return best;
}

/** How many items have their label among the k largest values; of equals the first come first. NaN is no value. */
export function topK({ perItem, data }: Outputs, labels: ArrayLike<number>, k: number): number {
  let right = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    const own = data[i * perItem + label];
    // A label the model has no output for is never right.
    if (label >= perItem || own === undefined || Number.isNaN(own)) continue;
    let ahead = 0;
    for (let c = 0; c < perItem && ahead < k; c++) {
      const value = data[i * perItem + c]!;
      if (value > own || (value === own && c < label)) ahead++;
    }
    if (ahead < k) right++;
  }
  return right;
}
