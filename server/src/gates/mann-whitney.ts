import { normalP } from './tails.js';

export interface MannWhitney {
  /** Pairs in which the first sample's value is the larger, ties as halves. */
  readonly u: number;
  /** Two-sided. */
  readonly p: number;
  /** Of the normal approximation with continuity correction; absent where p is exact. */
  readonly z?: number;
}

/** Up to so many values a side, without ties, p is counted. */
const exactUpTo = 20;

/** Whether two samples, neither empty, come from the same distribution: rank test against a shift. */
export function mannWhitney(a: readonly number[], b: readonly number[]): MannWhitney {
  const [n, m] = [a.length, b.length];
  let u = 0;
  for (const x of a) for (const y of b) u += x > y ? 1 : x === y ? 0.5 : 0;
  const ties = tieSizes([...a, ...b]);
  if (n <= exactUpTo && m <= exactUpTo && ties.length === 0) return { u, p: exactP(u, n, m) };
  const all = n + m;
  const tied = ties.reduce((sum, t) => sum + t ** 3 - t, 0);
  const variance = ((n * m) / 12) * (all + 1 - tied / (all * (all - 1)));
  if (variance <= 0) return { u, p: 1, z: 0 };
  const z = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / Math.sqrt(variance);
  return { u, p: normalP(z), z };
}

/** Sizes of the groups of equal values, those of more than one. */
function tieSizes(values: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].filter((count) => count > 1);
}

/** Twice the share of all orders whose U is at most the smaller tail's. */
function exactP(u: number, n: number, m: number): number {
  const counts = orders(n, m);
  const total = counts.reduce((sum, c) => sum + c, 0);
  const smaller = Math.min(u, n * m - u);
  let tail = 0;
  for (let k = 0; k <= smaller; k++) tail += counts[k]!;
  return Math.min(1, (2 * tail) / total);
}

/** counts[u]: orders of n and m values with that U. f(i, j, u) = f(i - 1, j, u - j) + f(i, j - 1, u), by rows of i. */
function orders(n: number, m: number): Float64Array {
  let before: Float64Array[] = Array.from({ length: m + 1 }, () => Float64Array.of(1));
  for (let i = 1; i <= n; i++) {
    const now: Float64Array[] = [Float64Array.of(1)];
    for (let j = 1; j <= m; j++) {
      const counts = new Float64Array(i * j + 1);
      before[j]!.forEach((c, u) => {
        counts[u + j]! += c;
      });
      now[j - 1]!.forEach((c, u) => {
        counts[u]! += c;
      });
      now.push(counts);
    }
    before = now;
  }
  return before[m]!;
}
