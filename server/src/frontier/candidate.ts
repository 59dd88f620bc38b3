import {
  type FrontierPoint,
  type MetricId,
  type MetricRow,
  metrics,
  type Objective,
  type SummaryBasis,
} from '@hilltop/contracts';

/** A variant under one setting as the newest usable run on a device measured it. */
export interface Candidate
  extends Pick<FrontierPoint, 'variant' | 'recipe' | 'settings' | 'artifact' | 'verdict' | 'unstable' | 'metrics'> {
  readonly runId: string;
  readonly basis: SummaryBasis;
  /** ms since 1970; the newest clean run of a point counts. */
  readonly endedAt: number;
}

/** Objective values in the order of the objectives; undefined when one was not measured, or has no place on its axis: energy above idle that is none. */
export function objectiveValues(
  candidate: Pick<Candidate, 'metrics'>,
  objectives: readonly Objective[],
): number[] | undefined {
  const values = objectives.map(({ metric }) => {
    const value = candidate.metrics[metric as MetricId]?.value;
    const row: MetricRow = metrics[metric as MetricId];
    return value !== undefined && row.source === 'sensor' && row.scale === 'log' && value <= 0 ? undefined : value;
  });
  return values.every((v) => v !== undefined) ? values : undefined;
}
