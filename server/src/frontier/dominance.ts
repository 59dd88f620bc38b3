import type { Objective } from '@hilltop/contracts';

/** Values turned so that smaller is better in every coordinate. */
export function minimised(values: readonly number[], objectives: readonly Objective[]): number[] {
  return values.map((v, i) => (objectives[i]!.direction === 'max' ? -v : v));
}

/** a dominates b, both minimised: nowhere worse and somewhere better. */
export function dominates(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  let better = false;
  for (let i = 0; i < a.length; i++) {
    if (a[i]! > b[i]!) return false;
    if (a[i]! < b[i]!) better = true;
  }
  return better;
}

/** Indices of the points that no other dominates. */
export function nonDominated(points: readonly ArrayLike<number>[]): number[] {
  return points.flatMap((p, i) => (points.some((q) => dominates(q, p)) ? [] : [i]));
}
