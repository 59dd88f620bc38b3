import { type ComparedMetric, metricIds, objectiveOf } from '@hilltop/contracts';
import type { Task } from '../links/worker-pool.js';
import { comparePair, type Drawing } from './compare-pair.js';
import type { ComparedPoint } from './compared-point.js';

export interface ComparisonTaskInput {
  /** The first is the reference. */
  readonly points: readonly ComparedPoint[];
}

export const comparisonTask: Task<ComparisonTaskInput, ComparedMetric[]> = { name: 'comparison' };

/** As many as a gate draws: the 2.5 % ends rest on 50 of them. */
const drawing: Drawing = { seed: 1, replicates: 2000 };

/** Every metric that the reference and at least one other have, in the order of the catalogue. */
export function comparisonWork({ points }: ComparisonTaskInput): ComparedMetric[] {
  const [reference, ...others] = points;
  if (!reference) return [];
  const changes = others.map((point) => comparePair(reference, point, drawing));
  return metricIds.flatMap((metric) => {
    const found = others.flatMap(({ key, candidate }, i) => {
      const change = changes[i]!.get(metric);
      return change ? [{ key, value: candidate.metrics[metric]!, change }] : [];
    });
    if (found.length === 0) return [];
    const { unit, direction } = objectiveOf(metric);
    return [{ metric, unit, direction, reference: reference.candidate.metrics[metric]!, others: found }];
  });
}
