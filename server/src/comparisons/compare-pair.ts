import {
  type ComparisonMethod,
  type MetricChange,
  type MetricId,
  type MetricRow,
  type MetricValue,
  metrics as metricTable,
  mulberry32,
  normal,
  normalQuantile975,
  objectiveOf,
} from '@hilltop/contracts';
import { objectiveValues } from '../frontier/candidate.js';
import { replicateSource } from '../frontier/replicates.js';
import { contrastOf, runsThatTell } from '../gates/bootstrap-ratio.js';
import { compareQuality } from '../gates/compare-quality.js';
import type { MeasuredRun } from '../gates/measured-run.js';
import { betweenRunDeviation } from '../summaries/between-runs.js';
import { type ChangeDraws, changeOf, mirrored } from './change.js';
import type { ComparedPoint, JobRun } from './compared-point.js';

export interface Drawing {
  readonly seed: number;
  /** At least 1,000. */
  readonly replicates: number;
}

type Pair = readonly [ComparedPoint, ComparedPoint];
type Draws = Omit<ChangeDraws, 'direction'>;

/**
 * How `point` differs from `reference`, metric by metric, of those that both have. What is drawn depends on the two points and not on
 * their order, nor on what else they are compared with: seen from the other side it is the same, mirrored.
 */
export function comparePair(
  reference: ComparedPoint,
  point: ComparedPoint,
  drawing: Drawing,
): Map<MetricId, MetricChange> {
  const isTurned = reference.key > point.key;
  const pair: Pair = isTurned ? [point, reference] : [reference, point];
  const metrics = comparable(pair);
  const joint = jointDraws(pair, metrics, drawing);
  return new Map(
    metrics.flatMap((metric): [MetricId, MetricChange][] => {
      const change = changeIn(metric, pair, joint.get(metric), drawing);
      return change ? [[metric, isTurned ? mirrored(change) : change]] : [];
    }),
  );
}

const rowOf = (metric: MetricId): MetricRow => metricTable[metric];

const comparable = ([a, b]: Pair): MetricId[] =>
  (Object.keys(a.candidate.metrics) as MetricId[]).filter(
    (metric) => b.candidate.metrics[metric] !== undefined && rowOf(metric).direction !== 'none',
  );

function changeIn(
  metric: MetricId,
  pair: Pair,
  joint: JointDraws | undefined,
  drawing: Drawing,
): MetricChange | undefined {
  const [a, b] = pair.map(({ candidate }) => candidate.metrics[metric]!) as [MetricValue, MetricValue];
  const draws = drawsOf(metric, pair, [a, b], joint, drawing);
  if (draws) return changeOf({ ...draws, direction: objectiveOf(metric).direction });
  return {
    difference: { value: b.value - a.value },
    ...(isRatio(metric, a, b) && { ratio: { value: b.value / a.value } }),
    method: 'single',
    shown: false,
  };
}

const isRatio = (metric: MetricId, a: MetricValue, b: MetricValue): boolean =>
  rowOf(metric).scale === 'log' && a.value > 0 && b.value > 0;

/** Undefined: one value each, of which nobody knows what is chance. */
function drawsOf(
  metric: MetricId,
  pair: Pair,
  values: readonly [MetricValue, MetricValue],
  joint: JointDraws | undefined,
  drawing: Drawing,
): Draws | undefined {
  const [a, b] = values;
  const { source } = rowOf(metric);
  // A run against itself: the same answer, whatever is drawn.
  if (pair[0].candidate.runId === pair[1].candidate.runId || source === 'artifact' || source === 'training')
    return fromValues(metric, values, constant(a, b, drawing), 'exact');
  if (source === 'quality') return qualityDraws(metric, pair, values, joint, drawing);
  const inTurns = pairedRuns(pair, metric);
  if (inTurns)
    return logDraws(values, inTurns, betweenRunsOf(pair), { method: 'paired-runs', pairs: inTurns[0].length }, drawing);
  if (source === 'memory') return memoryDraws(metric, pair, values, drawing);
  if (joint?.varies) return fromValues(metric, values, joint, 'processes');
  const intervals = [a, b].every(({ low, high }) => low !== undefined && high !== undefined);
  return intervals ? fromValues(metric, values, byIntervals(a, b, drawing), 'intervals') : undefined;
}

/** Item by item where both have answered the same ones: the interval is that of paired shares (`mcNemar`), the draws resample the items. */
function qualityDraws(
  metric: MetricId,
  pair: Pair,
  values: readonly [MetricValue, MetricValue],
  joint: JointDraws | undefined,
  drawing: Drawing,
): Draws | undefined {
  const [before, now] = pair.map((point) => ({ subject: [measured(point)], control: [] })) as unknown as [
    Parameters<typeof compareQuality>[2],
    Parameters<typeof compareQuality>[1],
  ];
  const found = compareQuality(metric, now, before);
  if (!found) return undefined;
  const interval = { low: found.low, high: found.high };
  const isPaired = pair.every(({ candidate }) => candidate.basis.items[metric] !== undefined);
  if (isPaired && joint)
    return {
      ...fromValues(metric, values, joint, 'items'),
      difference: found.change,
      interval,
      pairs: Math.min(found.n.now, found.n.before),
    };
  const [a, b] = values;
  if (found.test === 'exact') return fromValues(metric, values, constant(a, b, drawing), 'exact');
  return { ...fromValues(metric, values, byIntervals(a, b, drawing), 'intervals'), interval };
}

interface JointDraws {
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** Whether both were resampled. */
  readonly varies: boolean;
}

/** The frontier's own replicates of the two (`replicateSource`): processes of each, items of both together. */
function jointDraws(
  pair: Pair,
  metrics: readonly MetricId[],
  { seed, replicates }: Drawing,
): Map<MetricId, JointDraws> {
  const objectives = metrics
    .map(objectiveOf)
    .filter((objective) => pair.every(({ candidate }) => objectiveValues(candidate, [objective]) !== undefined));
  const source = replicateSource(
    pair.map(({ candidate }) => candidate),
    objectives,
    mulberry32(seed),
  );
  const empty = (): Float64Array => new Float64Array(replicates);
  const draws = objectives.map(() => [empty(), empty()] as const);
  for (let r = 0; r < replicates; r++) {
    const vectors = source.next();
    objectives.forEach(({ direction }, m) => {
      const sign = direction === 'max' ? -1 : 1;
      draws[m]![0][r] = sign * vectors[0]![m]!;
      draws[m]![1][r] = sign * vectors[1]![m]!;
    });
  }
  const moves = (values: Float64Array): boolean => values.some((value) => value !== values[0]);
  return new Map(
    objectives.map(({ metric }, m) => {
      const [first, second] = draws[m]!;
      return [metric, { first, second, varies: moves(first) && moves(second) }];
    }),
  );
}

function fromValues(
  metric: MetricId,
  [a, b]: readonly [MetricValue, MetricValue],
  { first, second }: Pick<JointDraws, 'first' | 'second'>,
  method: ComparisonMethod,
): Draws {
  return {
    difference: b.value - a.value,
    differences: second.map((value, i) => value - first[i]!),
    ...(isRatio(metric, a, b) && { ratio: b.value / a.value, ratios: second.map((value, i) => value / first[i]!) }),
    method,
  };
}

/**
 * From logarithms of ratios (`contrastOf`). The difference belongs to the geometric mean g of the two values as shown:
 * g (sqrt r - 1 / sqrt r), which is b - a for r = b / a and changes its sign with 1 / r.
 */
function logDraws(
  [a, b]: readonly [MetricValue, MetricValue],
  [first, second]: readonly [readonly (readonly number[])[], readonly (readonly number[])[]],
  betweenRuns: number,
  what: Pick<Draws, 'method' | 'pairs'>,
  { seed, replicates }: Drawing,
): Draws {
  const contrast = contrastOf(
    { subject: second, control: first },
    { random: mulberry32(seed), replicates, betweenRuns },
  );
  const g = Math.sqrt(a.value * b.value);
  const differenceOf = (log: number): number => 2 * g * Math.sinh(log / 2);
  return {
    difference: differenceOf(contrast.value),
    differences: contrast.draws.map(differenceOf),
    ratio: Math.exp(contrast.value),
    ratios: contrast.draws.map(Math.exp),
    ...what,
  };
}

const constant = (a: MetricValue, b: MetricValue, { replicates }: Drawing): Pick<JointDraws, 'first' | 'second'> => ({
  first: new Float64Array(replicates).fill(a.value),
  second: new Float64Array(replicates).fill(b.value),
});

/** A peak is the highest of a run's processes, and so is each re-draw of it: the highest of a resample, and what two runs of the same differ by. */
function memoryDraws(
  metric: MetricId,
  pair: Pair,
  values: readonly [MetricValue, MetricValue],
  drawing: Drawing,
): Draws {
  const processes = pair.map(({ candidate }) => processValues(candidate, metric));
  const known = processes.every((each, i) => each.length >= 2 && Math.max(...each) === values[i]!.value);
  // A board's arena is planned: it is what it is.
  if (!known) return fromValues(metric, values, constant(...values, drawing), 'exact');
  const random = mulberry32(drawing.seed);
  const between = betweenRunsOf(pair);
  const [first, second] = processes.map((each) =>
    Float64Array.from({ length: drawing.replicates }, () => {
      const peak = Math.max(...each.map(() => each[Math.floor(random() * each.length)]!));
      return between > 0 ? peak * Math.exp(between * normal(random)) : peak;
    }),
  );
  return fromValues(metric, values, { first: first!, second: second! }, 'processes');
}

/** Normal, as wide as the 95 % intervals say. */
function byIntervals(
  a: MetricValue,
  b: MetricValue,
  { seed, replicates }: Drawing,
): Pick<JointDraws, 'first' | 'second'> {
  const random = mulberry32(seed);
  const drawn = ({ value, low = value, high = value }: MetricValue): Float64Array =>
    Float64Array.from({ length: replicates }, () => value + ((high - low) / (2 * normalQuantile975)) * normal(random));
  return { first: drawn(a), second: drawn(b) };
}

/** What the runs of both in one job measured, pair by pair; of the newest job with enough of them. */
function pairedRuns([a, b]: Pair, metric: MetricId): [number[][], number[][]] | undefined {
  const jobs = [...new Set(b.runs.map(({ jobId }) => jobId))].reverse();
  for (const job of jobs) {
    const [first, second] = [a, b].map(({ runs }) =>
      runs
        .filter(({ jobId }) => jobId === job)
        .map((run) => processValues(run, metric))
        .filter((values) => values.length > 0),
    ) as [number[][], number[][]];
    if (first.length >= runsThatTell && first.length === second.length) return [first, second];
  }
  return undefined;
}

const processValues = ({ basis }: Pick<JobRun, 'basis'>, metric: MetricId): number[] =>
  basis.blocks.map(({ values }) => values[metric]).filter((value): value is number => value !== undefined && value > 0);

const betweenRunsOf = ([a]: Pair): number => a.candidate.basis.betweenRuns ?? betweenRunDeviation;

/** As a gate sees it; where the point stands is the same for all that are compared. */
function measured({ candidate }: ComparedPoint): MeasuredRun {
  return {
    id: candidate.runId,
    modelId: '',
    modelName: '',
    recipe: candidate.recipe,
    settings: candidate.settings,
    deviceId: '',
    deviceName: '',
    protocol: 'standard',
    key: '',
    artifactSha256: candidate.artifact.sha256,
    verdict: candidate.verdict,
    control: false,
    metrics: candidate.metrics,
    basis: candidate.basis,
  };
}
