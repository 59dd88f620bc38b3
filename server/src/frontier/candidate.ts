import type { FrontierPoint, MetricId, Objective, SummaryBasis } from '@hilltop/contracts';

/** A variant under one setting as the newest usable run on a device measured it. */
export interface Candidate
  extends Pick<FrontierPoint, 'variant' | 'recipe' | 'settings' | 'artifact' | 'verdict' | 'metrics'> {
  readonly runId: string;
  readonly basis: SummaryBasis;
  /** ms since 1970; the newest clean run of a point counts. */
  readonly endedAt: number;
}

/** Objective values in the order of the objectives; undefined when one was not measured. */
export function objectiveValues(candidate: Candidate, objectives: readonly Objective[]): number[] | undefined {
  const values = objectives.map((o) => candidate.metrics[o.metric as MetricId]?.value);
  return values.every((v) => v !== undefined) ? values : undefined;
}
