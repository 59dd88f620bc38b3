/**
 * Smallest false discovery rate at which each hypothesis is rejected (Benjamini & Hochberg 1995): of what is called
 * with q <= 0.05, one in twenty is expected to be nothing. In the order of `p`.
 */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((a, b) => p[a]! - p[b]!);
  const q = new Array<number>(p.length);
  let smallest = 1;
  for (let rank = order.length; rank >= 1; rank--) {
    const index = order[rank - 1]!;
    smallest = Math.min(smallest, (p[index]! * p.length) / rank);
    q[index] = smallest;
  }
  return q;
}
