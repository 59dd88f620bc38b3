import { readFileSync } from 'node:fs';
import type { DeviceFrontier, FrontierPoint, MetricId, MetricValue } from '@hilltop/contracts';
import { betweenRunDeviation } from '@hilltop/server/dist/summaries/between-runs.js';
import { example, startLab, type TestLab } from '../../test/support/lab.js';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import { deviation, mean, quantile } from './statistics.js';

const jobsWanted = 40;
const jobsQuick = 4;
const dominatedAllowed = 2;
const coveredWanted = 33;
const twins = ['fp32', 'fp32-again'] as const;

interface Twins {
  readonly statuses: readonly string[];
  readonly verdicts: readonly string[];
  /** p50 of fp32 and of its twin, with their nominal 95 % intervals. */
  readonly p50: readonly [MetricValue, MetricValue];
  /** Whether each interval holds the other's p50. */
  readonly covers: readonly [boolean, boolean];
  readonly logRatio: number;
}

const metricOf = (point: FrontierPoint, metric: MetricId): MetricValue => {
  const value = point.metrics[metric];
  if (!value) throw new Error(`${point.recipe} has no ${metric}`);
  return value;
};
const within = (interval: MetricValue, value: number): boolean =>
  (interval.low ?? value) <= value && value <= (interval.high ?? value);

function compare(frontier: DeviceFrontier): Twins {
  const points = twins.map((recipe) => {
    const point = frontier.points.find((p) => p.recipe === recipe);
    if (!point) throw new Error(`${recipe} is not on the frontier: ${JSON.stringify(frontier.excluded)}`);
    return point;
  });
  const [a, b] = points.map((point) => metricOf(point, 'latency_p50_ms')) as [MetricValue, MetricValue];
  return {
    statuses: points.map((p) => p.status),
    verdicts: points.map((p) => p.verdict),
    p50: [a, b],
    covers: [within(a, b.value), within(b, a.value)],
    logRatio: Math.log(b.value / a.value),
  };
}

/**
 * One job over a model of its own (the same bytes under another name), so that the lab's frontier of that model
 * holds this job's two runs and nothing else. The order of the twins alternates.
 */
async function oneJob(lab: TestLab, options: BenchOptions, index: number): Promise<Twins> {
  const model = await lab.push(`twins-${index}`, {
    model: readFileSync(example(options.model)),
    evaluation: readFileSync(example('data/fashion-validation.npz')),
  });
  const recipes = index % 2 === 0 ? [...twins] : [...twins].reverse();
  const job = await lab.ended(
    (await lab.submit({ model: model.id, recipes, selector: { devices: ['bench-aa'] }, protocol: options.protocol }))
      .id,
    300_000,
  );
  if (job.state !== 'succeeded') throw new Error(`job ${job.id} ${job.state}: ${job.error?.message}`);
  const frontier = await lab.frontier(`model=${model.id}&protocol=${options.protocol}&x=latency_p50_ms&y=accuracy`);
  return compare(frontier.devices[0]!);
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const lab = await startLab({ env: { HILLTOP_LOG: 'warn' } });
  try {
    await lab.agent('bench-aa', { env: { HILLTOP_LOG: 'warn' } });
    await lab.api('POST', '/recipes', {
      name: twins[1],
      title: 'FP32 once more',
      description: 'The same bytes under another name.',
      steps: [],
    });
    const jobs = options.quick ? jobsQuick : jobsWanted;
    const all: Twins[] = [];
    for (let i = 0; i < jobs; i++) {
      const one = await oneJob(lab, options, i);
      all.push(one);
      options.log(
        `job ${i + 1} of ${jobs}: ratio ${Math.exp(one.logRatio).toFixed(4)}, ${one.statuses.join(' / ')}, covers ${one.covers.join(' / ')}, ${one.verdicts.join(' / ')}`,
      );
    }
    return judge(options, all);
  } finally {
    await lab.stop();
  }
}

/**
 * What the twins differ by beyond what their processes show: var(log ratio) / 2 = between-run variance + the mean
 * square error of one run's mean, which Student's part of its interval gives back; the part that the coordinator adds
 * for other runs (`betweenRunDeviation`) is taken out first. 0 when there is no excess.
 */
function betweenRuns(all: readonly Twins[], student: number): number {
  const added = normal975 * betweenRunDeviation;
  const errors = all.flatMap(({ p50 }) =>
    p50.map(({ low, high }) => Math.max(0, (Math.log(high! / low!) / 2) ** 2 - added ** 2) / student ** 2),
  );
  return Math.sqrt(Math.max(0, mean(all.map((t) => t.logRatio ** 2)) / 2 - mean(errors)));
}

const normal975 = 1.959964;
/** Student's 97.5 % quantile for the protocol's processes: 3 and 5. */
const student = { quick: 4.303, standard: 2.776 } as const;

function judge(options: BenchOptions, all: readonly Twins[]): BenchResult {
  const n = all.length;
  const scale = n / jobsWanted;
  const dominated = all.filter((t) => t.statuses.includes('dominated')).length;
  const both = all.filter((t) => t.covers[0] && t.covers[1]).length;
  const ratios = all.map((t) => t.logRatio);
  const spread = ratios.map(Math.abs);
  const figures: Figure[] = [
    {
      what: 'jobs with a dominated point',
      value: dominated,
      unit: '',
      n,
      bound: { op: '<=', value: Math.ceil(dominatedAllowed * scale) },
    },
    {
      what: "jobs in which both 95 % intervals of p50 hold the other's p50",
      value: both,
      unit: '',
      n,
      bound: { op: '>=', value: Math.floor(coveredWanted * scale) },
    },
    {
      what: "one interval holds the other's p50",
      value: all.reduce((sum, t) => sum + t.covers.filter(Boolean).length, 0),
      unit: '',
      n: 2 * n,
    },
    {
      what: 'jobs with both points `on`',
      value: all.filter((t) => t.statuses.every((s) => s === 'on')).length,
      unit: '',
      n,
    },
    {
      what: 'runs that were disturbed',
      value: all.reduce((sum, t) => sum + t.verdicts.filter((v) => v !== 'clean').length, 0),
      unit: '',
      n: 2 * n,
    },
    { what: 'ratio of the twins, geometric mean', value: Math.exp(mean(ratios)), unit: '' },
    { what: 'log ratio, standard deviation', value: 100 * deviation(ratios), unit: '%' },
    { what: '|log ratio|, median', value: 100 * quantile(spread, 0.5), unit: '%' },
    { what: '|log ratio|, p90', value: 100 * quantile(spread, 0.9), unit: '%' },
    { what: '|log ratio|, largest', value: 100 * Math.max(...spread), unit: '%' },
    {
      what: 'deviation between runs beyond their processes',
      value: 100 * betweenRuns(all, student[options.protocol]),
      unit: '%',
    },
    { what: 'deviation between runs that the lab reckons with', value: 100 * betweenRunDeviation, unit: '%' },
  ];
  return {
    outcome: outcomeOf(figures),
    figures,
    raw: all,
    notes: [
      `model ${options.model}, protocol ${options.protocol}, objectives latency_p50_ms and accuracy; real coordinator and real agent; each job on a model of its own name, so the lab's frontier (GET /frontier) holds its two runs alone`,
    ],
  };
}

export const aa: Bench = { name: 'aa', title: 'One variant under two names through the whole chain', run };
