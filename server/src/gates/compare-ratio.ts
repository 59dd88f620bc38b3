import type { MetricId } from '@hilltop/contracts';
import { normalQuantile975 } from '@hilltop/contracts';
import { studentQuantile975 } from '../summaries/intervals.js';
import { type Contrast, contrastOf, type Night, type Ratio, type Resampling, ratioOf } from './bootstrap-ratio.js';
import type { Comparison } from './comparison.js';
import { mannWhitney } from './mann-whitney.js';
import { betweenRunsOf, type MeasuredRun, needsControl, processValues } from './measured-run.js';
import { middle } from './middle.js';
import { studentP } from './tails.js';

export interface NightRuns {
  /** Clean runs of the point, oldest first. */
  readonly subject: readonly MeasuredRun[];
  readonly control: readonly MeasuredRun[];
}

/** A rank test cannot reach a small p with fewer: of eight and eight the least is 0.00016, of five and five 0.008. */
const ranksFrom = 8;

/** now / before of a cost, relative to the control. Undefined where a night has no value of it. */
export function compareRatio(
  metric: MetricId,
  now: NightRuns,
  before: NightRuns,
  random: () => number,
): Comparison | undefined {
  const nights = [now, before].map(
    (night): Required<Night> => ({
      subject: valuesOf(night.subject, metric),
      control: valuesOf(night.control, metric),
    }),
  ) as unknown as [Required<Night>, Required<Night>];
  if (nights.some(({ subject }) => subject.length === 0)) return undefined;
  const first = now.subject[0]!;
  const needed = needsControl(first, metric);
  const uncontrolled = needed && nights.some(({ control }) => control.length === 0);
  const divided = needed && !uncontrolled;
  const resampling: Resampling = { random, betweenRuns: betweenRunsOf(first) };
  const contrasts = nights.map((night) =>
    contrastOf({ subject: night.subject, ...(divided && { control: night.control }) }, resampling),
  ) as [Contrast, Contrast];
  const ratio = ratioOf(...contrasts);
  const control = divided ? controlRatio(nights, resampling) : undefined;
  const [value, baseline] = nights.map(({ subject }) =>
    Math.exp(middle(subject.map((run) => middle(run.map(Math.log))))),
  );
  return {
    value: value!,
    baseline: baseline!,
    scale: 'ratio',
    change: ratio.value,
    low: ratio.low,
    high: ratio.high,
    inner: ratio.inner,
    ...testOf(ratio, ...contrasts),
    ...(control && { control: { ratio: control.value, low: control.low, high: control.high } }),
    runs: { now: nights[0].subject.length, before: nights[1].subject.length },
    n: { now: nights[0].subject.flat().length, before: nights[1].subject.flat().length },
    uncontrolled,
  };
}

/** now / before of a metric that is known exactly, such as a size. Undefined where a night has none. */
export function compareExact(metric: MetricId, now: NightRuns, before: NightRuns): Comparison | undefined {
  const [value, baseline] = [now, before].map(({ subject }) => subject.at(-1)?.metrics[metric]?.value);
  if (value === undefined || baseline === undefined || value <= 0 || baseline <= 0) return undefined;
  const change = value / baseline;
  return {
    value,
    baseline,
    scale: 'ratio',
    change,
    low: change,
    high: change,
    inner: { low: change, high: change },
    test: 'exact',
    runs: { now: now.subject.length, before: before.subject.length },
    n: { now: 1, before: 1 },
    uncontrolled: false,
  };
}

/** What the control did by itself, now / before. */
export const controlRatio = (nights: readonly [Night, Night], resampling: Resampling): Ratio =>
  ratioOf(
    contrastOf({ subject: nights[0].control ?? [] }, resampling),
    contrastOf({ subject: nights[1].control ?? [] }, resampling),
  );

const valuesOf = (runs: readonly MeasuredRun[], metric: MetricId): number[][] =>
  runs.map((run) => processValues(run, metric)).filter((values) => values.length > 0);

function testOf({ value, deviation, df }: Ratio, now: Contrast, before: Contrast): Pick<Comparison, 'test' | 'p'> {
  if (deviation === 0 || df === undefined) return { test: 'exact' };
  if (now.units.length >= ranksFrom && before.units.length >= ranksFrom)
    return { test: 'mann-whitney', p: mannWhitney(now.units, before.units).p };
  // Few values are resampled as wide as Student's interval is: in its unit again, p is 0.05 where that interval ends at 1.
  const t = (Math.abs(Math.log(value)) / deviation) * (studentQuantile975(df) / normalQuantile975);
  return { test: 'student', p: studentP(t, df) };
}
