import { type MetricId, type Objective, pointLabel, type Trial } from '@hilltop/contracts';

export interface ReplayPoint {
  readonly trial: Trial;
  readonly x: number;
  readonly y: number;
  /** Nothing that was measured until then is better in both. */
  readonly isOn: boolean;
}

/** Trials that ended with a result, in the order in which they did. */
export const endedTrials = (trials: readonly Trial[], place: string): Trial[] =>
  trials
    .filter((trial) => trial.state === 'succeeded' && trial.endedAt !== undefined && placeOf(trial) === place)
    .sort((a, b) => a.endedAt!.localeCompare(b.endedAt!) || a.number - b.number);

export const placeOf = ({ modelId, deviceId }: Pick<Trial, 'modelId' | 'deviceId'>): string => `${modelId} ${deviceId}`;

/**
 * What was known after the first `count` trials of a place: the newest value of each point, and which of them nothing
 * beats. By their values alone: the frontier above also weighs how sure they are. Pure.
 */
export function replayAt(ended: readonly Trial[], count: number, objectives: readonly Objective[]): ReplayPoint[] {
  const [x, y] = objectives;
  if (!x || !y) return [];
  const newest = new Map<string, Trial>();
  for (const trial of ended.slice(0, count))
    if (trial.metrics[x.metric] && trial.metrics[y.metric]) newest.set(pointLabel(trial), trial);
  const points = [...newest.values()].map((trial) => ({
    trial,
    x: measured(trial, x.metric),
    y: measured(trial, y.metric),
  }));
  return points.map((point) => ({ ...point, isOn: !points.some((other) => beats(other, point, x, y)) }));
}

const measured = (trial: Trial, metric: MetricId): number => trial.metrics[metric]!.value;

const better = (a: number, b: number, direction: Objective['direction']): number =>
  direction === 'max' ? a - b : b - a;

function beats(a: { x: number; y: number }, b: { x: number; y: number }, x: Objective, y: Objective): boolean {
  const [byX, byY] = [better(a.x, b.x, x.direction), better(a.y, b.y, y.direction)];
  return byX >= 0 && byY >= 0 && (byX > 0 || byY > 0);
}
