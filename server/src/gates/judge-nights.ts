import {
  type GateEnvironment,
  type GateMissing,
  type GateRow,
  type MetricId,
  type MetricRow,
  metrics as metricTable,
  mulberry32,
} from '@hilltop/contracts';
import { benjaminiHochberg } from './benjamini-hochberg.js';
import { compareQuality } from './compare-quality.js';
import { compareExact, compareRatio, type NightRuns } from './compare-ratio.js';
import type { Comparison } from './comparison.js';
import { environmentOf, isSevere } from './environment.js';
import { countsFor, groupBy, type MeasuredRun, needsControl, placeKey, pointKey } from './measured-run.js';
import { noteOf } from './note.js';
import { resolution, verdictOf } from './verdict.js';

export interface Nights {
  /** Runs of the sweep and of the baseline's, succeeded, oldest first. */
  readonly now: readonly MeasuredRun[];
  readonly before: readonly MeasuredRun[];
  readonly metrics: readonly MetricId[];
  readonly maxRegression: number;
  readonly seed: number;
}

export interface Judged {
  readonly rows: GateRow[];
  readonly missing: GateMissing[];
  readonly environment: GateEnvironment[];
}

interface Compared {
  readonly run: MeasuredRun;
  readonly metric: MetricId;
  readonly runIds: GateRow['runIds'];
  readonly comparison: Comparison;
}

/** One night held against another: every metric of every point, as rows with a verdict. Pure; the seed decides the resampling. */
export function judgeNights(nights: Nights): Judged {
  const random = mulberry32(nights.seed);
  const [now, before] = [sideOf(nights.now), sideOf(nights.before)];
  const missing: GateMissing[] = [];
  const compared: Compared[] = [];
  for (const key of new Set([...before.points.keys(), ...now.points.keys()])) {
    const [after, earlier] = [now.points.get(key) ?? [], before.points.get(key) ?? []];
    const lack = lackOf(after, earlier);
    if (lack) missing.push(lack);
    else compared.push(...rowsOf(after, earlier, [now, before], nights.metrics, random, missing));
  }
  const q = discoveries(compared);
  const environment = environmentOf(now.controls, before.controls, nights, random);
  const rows = compared.map((row, i) => judged(row, i + 1, q[i], nights.maxRegression));
  return { rows, missing, environment };
}

interface NightSide {
  /** All runs by point, and the clean ones of the control by model and device. */
  readonly points: ReadonlyMap<string, MeasuredRun[]>;
  readonly controls: ReadonlyMap<string, MeasuredRun[]>;
}

function sideOf(runs: readonly MeasuredRun[]): NightSide {
  return {
    points: groupBy(runs, pointKey),
    controls: groupBy(
      runs.filter((run) => run.control && run.verdict === 'clean'),
      placeKey,
    ),
  };
}

const usable = (runs: readonly MeasuredRun[]): MeasuredRun[] => runs.filter(({ verdict }) => verdict !== 'invalid');

/** Why a point cannot be compared at all; undefined: it can. */
function lackOf(now: readonly MeasuredRun[], before: readonly MeasuredRun[]): GateMissing | undefined {
  const [after, earlier] = [usable(now), usable(before)];
  if (after.length === 0 || earlier.length === 0) {
    const runs = after.length === 0 ? now : before;
    return {
      ...subjectOf((now[0] ?? before[0])!),
      in: after.length === 0 ? 'sweep' : 'baseline',
      reason: runs.length === 0 ? 'not-measured' : 'not-clean',
    };
  }
  const key = after.at(-1)!.key;
  return earlier.some((run) => run.key === key)
    ? undefined
    : { ...subjectOf(after[0]!), in: 'baseline', reason: 'not-comparable' };
}

function rowsOf(
  now: readonly MeasuredRun[],
  before: readonly MeasuredRun[],
  sides: readonly [NightSide, NightSide],
  metrics: readonly MetricId[],
  random: () => number,
  missing: GateMissing[],
): Compared[] {
  const newest = usable(now).at(-1)!;
  const alike = (runs: readonly MeasuredRun[] = []): MeasuredRun[] =>
    usable(runs).filter((run) => run.key === newest.key);
  const controls = sides.map((side) => alike(side.controls.get(placeKey(newest))));
  return metrics.flatMap((metric): Compared[] => {
    // Against itself the control says nothing; what it did is the environment.
    const measured = [now, before].map((runs) =>
      alike(runs).filter((run) => run.metrics[metric] !== undefined && !(run.control && needsControl(run, metric))),
    );
    const [after, earlier] = measured.map(
      (runs, i): NightRuns => ({ subject: runs.filter((run) => countsFor(run, metric)), control: controls[i]! }),
    ) as [NightRuns, NightRuns];
    const comparison = compared(metric, after, earlier, random);
    if (comparison) {
      const ids = ({ subject }: NightRuns): string[] => subject.map(({ id }) => id);
      return [{ run: after.subject.at(-1)!, metric, comparison, runIds: { now: ids(after), before: ids(earlier) } }];
    }
    const lack = metricLack(measured, [after, earlier]);
    if (lack) missing.push({ ...subjectOf(newest), metric, ...lack });
    return [];
  });
}

function compared(metric: MetricId, now: NightRuns, before: NightRuns, random: () => number): Comparison | undefined {
  const { source, scale }: MetricRow = metricTable[metric];
  if (source === 'quality') return compareQuality(metric, now, before);
  if (source === 'artifact' || source === 'training') return compareExact(metric, now, before);
  return scale === 'log' ? compareRatio(metric, now, before, random) : undefined;
}

/** Why a metric of a point that both nights measured has no row; undefined: neither has it, and nothing is missing. */
function metricLack(
  [now, before]: readonly MeasuredRun[][],
  [after, earlier]: readonly [NightRuns, NightRuns],
): Pick<GateMissing, 'in' | 'reason'> | undefined {
  if (now!.length === 0 && before!.length === 0) return undefined;
  if (now!.length === 0) return { in: 'sweep', reason: 'not-measured' };
  if (before!.length === 0) return { in: 'baseline', reason: 'not-measured' };
  if (after.subject.length === 0) return { in: 'sweep', reason: 'not-clean' };
  if (earlier.subject.length === 0) return { in: 'baseline', reason: 'not-clean' };
  return { in: 'baseline', reason: 'not-comparable' };
}

function subjectOf({ modelId, modelName, recipe, settings, deviceId, deviceName }: MeasuredRun) {
  return { modelId, modelName, recipe, settings, deviceId, deviceName };
}

/** q of each row; rows without p have none and are no part of the family. */
function discoveries(rows: readonly Compared[]): Array<number | undefined> {
  const with_ = rows.flatMap(({ comparison }, i) => (comparison.p === undefined ? [] : [{ i, p: comparison.p }]));
  const q = benjaminiHochberg(with_.map(({ p }) => p));
  const out = new Array<number | undefined>(rows.length).fill(undefined);
  with_.forEach(({ i }, k) => {
    out[i] = q[k];
  });
  return out;
}

function judged(
  { run, metric, comparison, runIds }: Compared,
  row: number,
  q: number | undefined,
  delta: number,
): GateRow {
  const { uncontrolled, inner, ...shown } = comparison;
  const { unit, direction }: MetricRow = metricTable[metric];
  const isRatio = comparison.scale === 'ratio';
  const measure = isRatio ? Math.log : (value: number): number => value;
  /** How much worse, as an interval: of what is better when larger, the other way round. */
  const worse = ({ low, high }: { low: number; high: number }) =>
    direction === 'max' ? { low: -measure(high), high: -measure(low) } : { low: measure(low), high: measure(high) };
  const evidence = {
    ...worse(comparison),
    inner: worse(inner),
    ...(q !== undefined && { q }),
    threshold: isRatio ? Math.log1p(delta) : delta,
    uncontrolled,
    severe: comparison.control !== undefined && isSevere(comparison.control),
  };
  const said = verdictOf(evidence);
  const resolves = isRatio ? Math.expm1(resolution(evidence)) : resolution(evidence);
  return {
    row,
    ...subjectOf(run),
    protocol: run.protocol,
    metric,
    unit,
    ...shown,
    ...(q !== undefined && { q }),
    runIds,
    ...said,
    resolves,
    ...noteOf({ comparison, ...said, resolves, delta }),
  };
}
