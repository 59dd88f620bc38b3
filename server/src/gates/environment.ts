import { type GateEnvironment, type MetricId, type MetricRow, metrics as metricTable } from '@hilltop/contracts';
import { contrastOf, type Ratio, ratioOf } from './bootstrap-ratio.js';
import { betweenRunsOf, type MeasuredRun, needsControl, processValues } from './measured-run.js';

/**
 * A control that surely changed by more: other clocks or neighbours, which variants feel differently. Dividing by it no
 * longer takes the environment out.
 */
const severeChange = Math.log(1.05);

/** Whether the whole interval of the control's own ratio lies beyond what dividing by it can be trusted to take out. */
export const isSevere = ({ low, high }: { readonly low: number; readonly high: number }): boolean =>
  Math.log(low) > severeChange || Math.log(high) < -severeChange;

/** Controls that surely changed by more than the threshold, by model, device and metric. */
export function environmentOf(
  now: ReadonlyMap<string, readonly MeasuredRun[]>,
  before: ReadonlyMap<string, readonly MeasuredRun[]>,
  { metrics, maxRegression }: { readonly metrics: readonly MetricId[]; readonly maxRegression: number },
  random: () => number,
): GateEnvironment[] {
  return [...now].flatMap(([place, runs]) =>
    metrics.flatMap((metric) => {
      const ratio = ownRatio(metric, runs, before.get(place) ?? [], random);
      if (
        !ratio ||
        !(Math.log(ratio.low) > Math.log1p(maxRegression) || Math.log(ratio.high) < -Math.log1p(maxRegression))
      )
        return [];
      const { modelName, deviceId, deviceName, recipe } = runs[0]!;
      const { value, low, high } = ratio;
      return [{ modelName, deviceId, deviceName, metric, recipe, ratio: value, low, high, severe: isSevere(ratio) }];
    }),
  );
}

function ownRatio(
  metric: MetricId,
  now: readonly MeasuredRun[],
  before: readonly MeasuredRun[],
  random: () => number,
): Ratio | undefined {
  const { scale }: MetricRow = metricTable[metric];
  const first = now[0]!;
  if (!needsControl(first, metric) || scale !== 'log') return undefined;
  const values = [now, before].map((runs) =>
    runs
      .filter(({ key }) => key === first.key)
      .map((run) => processValues(run, metric))
      .filter((each) => each.length > 0),
  ) as [number[][], number[][]];
  if (values.some((runs) => runs.length === 0)) return undefined;
  const resampling = { random, betweenRuns: betweenRunsOf(first) };
  return ratioOf(contrastOf({ subject: values[0] }, resampling), contrastOf({ subject: values[1] }, resampling));
}
