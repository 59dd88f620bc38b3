import { kthSmallest } from './select.js';

/** Which values of a matrix become zero. */
export interface Choice {
  readonly rows: number;
  readonly columns: number;
  /** Columns are ordered channel, position: each channel has so many positions (those of a convolution's kernel). */
  readonly positions: number;
  /** `layer`: the smallest `count` scores of the matrix; `channel`: an equal share of each row, up to one value. */
  readonly scope: 'layer' | 'channel';
  /** Zeros in the whole matrix. */
  readonly count: number;
  /** With a pattern: that many zeros in each `of` neighbouring channels of one position; `scope` and `count` do not matter. */
  readonly pattern?: { readonly zeros: number; readonly of: number };
}

/** Marks the values with the smallest scores: 1 becomes zero, 0 stays. Of equal scores the first go first. */
export function chooseZeros(scores: Float64Array | Float32Array, choice: Choice): Uint8Array {
  const chosen = new Uint8Array(scores.length);
  const { rows, columns, positions, pattern } = choice;
  if (pattern) {
    const channels = Math.floor(columns / positions / pattern.of) * pattern.of;
    const group = new Int32Array(pattern.of);
    for (let r = 0; r < rows; r++)
      for (let p = 0; p < positions; p++)
        for (let c = 0; c < channels; c += pattern.of) {
          for (let i = 0; i < pattern.of; i++) group[i] = r * columns + (c + i) * positions + p;
          for (const at of [...group].sort((a, b) => scores[a]! - scores[b]!).slice(0, pattern.zeros)) chosen[at] = 1;
        }
  } else if (choice.scope === 'layer') markSmallest(scores, choice.count, chosen);
  else {
    for (let r = 0; r < rows; r++) {
      // What does not divide evenly is spread: rows differ by one value at most.
      const zeros = Math.floor(((r + 1) * choice.count) / rows) - Math.floor((r * choice.count) / rows);
      const [from, to] = [r * columns, (r + 1) * columns];
      markSmallest(scores.subarray(from, to), zeros, chosen.subarray(from, to));
    }
  }
  return chosen;
}

/** Zeros that a pattern makes. */
export function patternCount(
  { rows, columns, positions }: Pick<Choice, 'rows' | 'columns' | 'positions'>,
  { zeros, of }: NonNullable<Choice['pattern']>,
): number {
  return rows * positions * Math.floor(columns / positions / of) * zeros;
}

function markSmallest(scores: Float64Array | Float32Array, count: number, chosen: Uint8Array): void {
  if (count <= 0) return;
  const limit = kthSmallest([scores], Math.min(count, scores.length));
  let left = count;
  scores.forEach((score, i) => {
    if (score < limit) {
      chosen[i] = 1;
      left--;
    }
  });
  for (let i = 0; left > 0 && i < scores.length; i++) {
    if (scores[i] !== limit) continue;
    chosen[i] = 1;
    left--;
  }
}

/** Shares `count` zeros out among several matrices: how many of each are among the smallest scores of all. */
export function shareZeros(scores: ReadonlyArray<Float64Array | Float32Array>, count: number): number[] {
  const total = scores.reduce((sum, s) => sum + s.length, 0);
  if (count <= 0 || total === 0) return scores.map(() => 0);
  const limit = kthSmallest(scores, Math.min(count, total));
  const below = scores.map((list) => countOf(list, (score) => score < limit));
  let left = Math.min(count, total) - below.reduce((sum, n) => sum + n, 0);
  return scores.map((list, i) => {
    // Of equal scores the first go first.
    const equal = Math.min(
      left,
      countOf(list, (score) => score === limit),
    );
    left -= equal;
    return below[i]! + equal;
  });
}

function countOf(list: Float64Array | Float32Array, counts: (score: number) => boolean): number {
  let count = 0;
  for (const score of list) if (counts(score)) count++;
  return count;
}
