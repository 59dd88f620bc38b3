import {
  type MetricId,
  type MetricRow,
  metrics as metricTable,
  type Trend,
  type TrendChange,
  type TrendNight,
} from '@hilltop/contracts';
import { changePoints } from './change-points.js';
import {
  countsFor,
  groupBy,
  type MeasuredRun,
  needsControl,
  placeKey,
  pointKey,
  processValues,
} from './measured-run.js';
import { middle } from './middle.js';

/** One sweep of a series. */
export interface TrendSweep {
  readonly id: string;
  readonly at: string;
  readonly runs: readonly MeasuredRun[];
}

/** Smaller steps are not told: a share of a cost, points of a quality. */
const minMagnitude = { ratio: Math.log1p(0.01), difference: 0.005 } as const;

/** Every metric of every point over the nights, oldest first, with where it changed. Pure. */
export function trendsOf(sweeps: readonly TrendSweep[], metrics: readonly MetricId[]): Trend[] {
  const nights = sweeps.map((sweep) => {
    const usable = sweep.runs.filter(({ verdict }) => verdict !== 'invalid');
    return {
      sweep,
      points: groupBy(usable, pointKey),
      controls: groupBy(
        usable.filter((run) => run.control),
        placeKey,
      ),
    };
  });
  const keys = new Set(nights.flatMap(({ points }) => [...points.keys()]));
  return [...keys].flatMap((key) => {
    const newest = nights
      .findLast(({ points }) => points.has(key))!
      .points.get(key)!
      .at(-1)!;
    return metrics.flatMap((metric): Trend[] => {
      const { unit, direction, source }: MetricRow = metricTable[metric];
      const scale = source === 'quality' ? ('difference' as const) : ('ratio' as const);
      const series = nights.flatMap(({ sweep, points, controls }): TrendNight[] => {
        const counted = (runs: readonly MeasuredRun[] = []): MeasuredRun[] =>
          runs.filter((run) => run.key === newest.key && countsFor(run, metric));
        const [runs, control] = [counted(points.get(key)), counted(controls.get(placeKey(newest)))];
        const night = nightOf(metric, runs, control);
        return night ? [{ sweepId: sweep.id, at: sweep.at, ...night }] : [];
      });
      if (series.length === 0) return [];
      const { modelId, modelName, recipe, settings, deviceId, deviceName, protocol } = newest;
      return [
        {
          ...{ modelId, modelName, recipe, settings, deviceId, deviceName, protocol, metric, unit, scale },
          nights: series,
          changes: changesOf(series, scale, direction === 'max'),
        },
      ];
    });
  });
}

/** A night's value; undefined where there is none, or none that can be compared: its control is missing. */
function nightOf(
  metric: MetricId,
  runs: readonly MeasuredRun[],
  controls: readonly MeasuredRun[],
): Pick<TrendNight, 'value' | 'relative'> | undefined {
  const newest = runs.at(-1);
  if (!newest) return undefined;
  if (!needsControl(newest, metric)) {
    const values = runs.flatMap((run) => run.metrics[metric]?.value ?? []);
    return values.length > 0 ? { value: middle(values) } : undefined;
  }
  const [value, control] = [centre(runs, metric), centre(controls, metric)];
  if (value === undefined || control === undefined) return undefined;
  // The control itself has nothing to be held against: what it does is the environment.
  return newest.control ? { value } : { value, relative: value / control };
}

function centre(runs: readonly MeasuredRun[], metric: MetricId): number | undefined {
  const centres = runs
    .map((run) => processValues(run, metric).map(Math.log))
    .filter((values) => values.length > 0)
    .map(middle);
  return centres.length > 0 ? Math.exp(middle(centres)) : undefined;
}

function changesOf(nights: readonly TrendNight[], scale: Trend['scale'], moreIsBetter: boolean): TrendChange[] {
  const isRatio = scale === 'ratio';
  const series = nights.map(({ value, relative }) => (isRatio ? Math.log(relative ?? value) : value));
  if (series.some((value) => !Number.isFinite(value))) return [];
  return changePoints(series, { minMagnitude: minMagnitude[scale] }).map(({ index, before, after, p }) => {
    const { sweepId, at } = nights[index]!;
    const change = isRatio ? Math.exp(after - before) : after - before;
    return { sweepId, at, night: index, change, p, verdict: after > before === moreIsBetter ? 'improved' : 'worse' };
  });
}
