import type { PointStatus } from '@hilltop/contracts';
import { dominates } from './dominance.js';

/** At least so many joint replicates stand behind a probability. */
export const replicateCount = 1000;

export interface Standing {
  readonly status: PointStatus;
  /** Share of replicates in which no other point dominates this one. */
  readonly probability: number;
  /** Indices of points that dominate it in more than half of the replicates. */
  readonly dominatedBy: readonly number[];
}

/** `on` from 0.95, `dominated` up to 0.05, else `uncertain`. */
export function statusOf(probability: number): PointStatus {
  return probability >= 0.95 ? 'on' : probability <= 0.05 ? 'dominated' : 'uncertain';
}

/**
 * Standing of each point over joint replicates of minimised vectors. `mayDominate(a, b)` false keeps a from ever
 * beating b (partial coverage never beats full).
 */
export function standings(
  next: () => readonly ArrayLike<number>[],
  count: number,
  replicates: number,
  mayDominate: (a: number, b: number) => boolean = () => true,
): Standing[] {
  const free = new Float64Array(count);
  const beats = Array.from({ length: count }, () => new Float64Array(count));
  for (let r = 0; r < replicates; r++) {
    const points = next();
    for (let b = 0; b < count; b++) {
      let beaten = false;
      for (let a = 0; a < count; a++) {
        if (a === b || !mayDominate(a, b) || !dominates(points[a]!, points[b]!)) continue;
        beats[b]![a]! += 1;
        beaten = true;
      }
      if (!beaten) free[b]! += 1;
    }
  }
  return Array.from({ length: count }, (_, i) => {
    const probability = free[i]! / replicates;
    return {
      status: statusOf(probability),
      probability,
      dominatedBy: Array.from(beats[i]!.keys()).filter((a) => beats[i]![a]! / replicates > 0.5),
    };
  });
}
