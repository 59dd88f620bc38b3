import {
  type MetricRow,
  metrics,
  parseConstraint,
  pointKey,
  type ReportFrontier,
  recommend,
  type ShipText,
  shipText,
} from '@hilltop/contracts';

/** As the dashboard asks unless told otherwise. */
const within = 0.005;

export interface Shipped extends ShipText {
  /** Of the point to take; absent while that is not sure. */
  readonly key?: string;
}

/** What to take on a device: the least of the first cost among the objectives, close to fp32 in quality, under the constraints. */
export function shipOf({ frontier, objectives, constraints }: ReportFrontier): Shipped {
  const isQuality = (metric: (typeof objectives)[number]['metric']): boolean =>
    (metrics[metric] as MetricRow).source === 'quality';
  const prefer = objectives.find(({ metric }) => !isQuality(metric)) ?? objectives[0]!;
  const quality = objectives.find(({ metric }) => isQuality(metric));
  const goal = {
    prefer: prefer.metric,
    quality: quality?.metric ?? 'accuracy',
    within,
    constraints: constraints.map(parseConstraint),
  };
  const found = recommend(frontier.points, goal);
  return {
    ...shipText(found, goal, frontier.points),
    ...(found.kind === 'ship' && { key: pointKey(found.point) }),
  };
}
