// A global is a slow look-up where tests run, and these are asked thousands of times a row.
const { floor, max, min } = Math;

/** How many of the values are cut from each end, a third: what disturbed processes did is not what the model does. */
const cutOf = (length: number): number => floor(length / 3);
/** Of fewer values nothing is cut. */
export const cutFrom = 3;

/**
 * Mean of the middle third. On a machine with other work it is told from its own error best: the median differs more from
 * night to night, wider means are moved by disturbed processes (compared on recorded nights, bench `gate`). Not empty.
 */
export function middle(values: ArrayLike<number>): number {
  const { length } = values;
  if (length === 1) return values[0]!;
  const sorted = Float64Array.from(values).sort();
  const out = cutOf(length);
  let sum = 0;
  for (let i = out; i < length - out; i++) sum += sorted[i]!;
  return sum / (length - 2 * out);
}

/** The same of a resample: how often each of the sorted values was drawn, as many draws as values. Nothing is sorted again. */
export function middleOfCounts(sorted: Float64Array, counts: Uint16Array): number {
  const { length } = sorted;
  const out = cutOf(length);
  let sum = 0;
  let before = 0;
  for (let i = 0; i < length; i++) {
    const after = before + counts[i]!;
    const inside = min(after, length - out) - max(before, out);
    if (inside > 0) sum += inside * sorted[i]!;
    before = after;
  }
  return sum / (length - 2 * out);
}
