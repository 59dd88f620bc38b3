export interface Split {
  /** Values left of the split. */
  readonly tau: number;
  /** Energy statistic of the split: the larger, the more the two sides differ beyond what each differs in itself. */
  readonly q: number;
}

/**
 * Q of every split of a series (E-divisive means: Matteson & James 2014; Daly et al., ICPE 2020), 2 <= tau <= L - 2:
 * Q(tau) = 2/L (S_xy - (L - tau)/(tau - 1) S_xx - tau/(L - tau - 1) S_yy), S summed over unordered pairs. O(L^2).
 */
export function splits(values: readonly number[]): Split[] {
  const { length } = values;
  /** Sum of distances from values[i] to those in from..to-1. */
  const distances = (i: number, from: number, to: number): number => {
    let sum = 0;
    for (let j = from; j < to; j++) sum += Math.abs(values[i]! - values[j]!);
    return sum;
  };
  let [left, right, between] = [0, 0, 0];
  for (let i = 0; i < length; i++) right += distances(i, i + 1, length);
  const out: Split[] = [];
  for (let tau = 1; tau <= length - 2; tau++) {
    // values[tau - 1] goes from the right to the left.
    const [toLeft, toRight] = [distances(tau - 1, 0, tau - 1), distances(tau - 1, tau, length)];
    left += toLeft;
    right -= toRight;
    between += toRight - toLeft;
    if (tau < 2) continue;
    const rest = length - tau;
    out.push({ tau, q: (2 / length) * (between - (rest / (tau - 1)) * left - (tau / (rest - 1)) * right) });
  }
  return out;
}

/** The split of the largest Q; undefined below four values. */
export function bestSplit(values: readonly number[]): Split | undefined {
  let best: Split | undefined;
  for (const split of splits(values)) if (!best || split.q > best.q) best = split;
  return best;
}
