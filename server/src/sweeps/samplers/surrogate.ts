import type { MetricId, MetricRow, ProtocolName } from '@hilltop/contracts';
import { metrics as metricTable } from '@hilltop/contracts';
import { axisDeviation, axisValue } from './axes.js';
import { type Columns, columnsOf, distance } from './columns.js';
import type { PlaceStanding } from './place-standing.js';
import { type Kernel, PointProcess, type Prediction, type Seen } from './point-process.js';
import type { SearchPoint, SearchState } from './sampler.js';

/** What is expected of every point of a place for one metric, on its axis. */
export interface Surrogate {
  /** Without its uncertainty: cheap. */
  readonly mean: (pointKey: string) => number;
  readonly predict: (pointKey: string) => Prediction;
  /** Results it rests on, and how many of them are of other devices. */
  readonly seen: number;
  readonly others: number;
}

/** A choice may take some milliseconds: so many results are looked at in all, and so many of the device itself. */
const mostSeen = 120;
const mostOwn = 90;
/** Deviations of log values where nothing better is known: of one run under the final protocol, and of a quick one. */
const leastNoise = 0.015;
const quickNoise = 0.06;
/** Costs grow a little less than with the multiplications, as the overheads do not. */
const macSlope = 0.8;

/** Tried in turn; what the results make likeliest is taken. */
const kernels: readonly Kernel[] = [0, 0.6, 0.95].flatMap((shared) =>
  [
    { reach: 0.15, size: 0.35 },
    { reach: 0.3, size: 0.7 },
  ].map((rest) => ({ ...rest, shared })),
);

export function surrogateOf(
  state: SearchState,
  standings: ReadonlyMap<string, PlaceStanding>,
  deviceId: string,
  metric: MetricId,
): Surrogate {
  const own = standings.get(deviceId)!;
  const observed = [
    ...observations(state, own, metric, 0).slice(0, mostOwn),
    ...others(state, standings, deviceId, metric),
  ].slice(0, mostSeen);
  const points = [...own.place.points];
  const rowOf = new Map(points.map(({ key }, row) => [key, row]));
  const outside = new Map<string, number>();
  for (const { point, device } of observed)
    if (device > 0 && !rowOf.has(point.key) && !outside.has(point.key)) outside.set(point.key, points.push(point) - 1);
  const columns = columnsOf(points);
  const trend = trendOf(metric, points);
  const seen = observed.map(({ point, device, value, noise }): Seen => {
    const row = rowOf.get(point.key) ?? outside.get(point.key)!;
    return { row, device, value: value - trend[row]!, noise };
  });
  const model = likeliest(seen, distances(columns));
  return {
    mean: (key) => model.mean(rowOf.get(key)!, 0) + trend[rowOf.get(key)!]!,
    predict: (key) => {
      const row = rowOf.get(key)!;
      const { mean, deviation } = model.predict(row, 0);
      return { mean: mean + trend[row]!, deviation };
    },
    seen: seen.length,
    others: seen.filter(({ device }) => device > 0).length,
  };
}

interface Observed {
  readonly point: SearchPoint;
  readonly device: number;
  readonly value: number;
  readonly noise: number;
}

/** One for each point that has a result; those of the final protocol first. */
function observations(state: SearchState, standing: PlaceStanding, metric: MetricId, device: number): Observed[] {
  const shift = quickShift(state, standing, metric);
  const of = (protocol: ProtocolName, isQuick: boolean): Observed[] =>
    standing.place.points.flatMap((point): Observed[] => {
      if (isQuick && standing.resultOf(point.key, state.protocol)) return [];
      const result = standing.resultOf(point.key, protocol);
      const value = result?.metrics && axisValue(metric, result.metrics);
      if (value === undefined) return [];
      const deviation = axisDeviation(metric, result!.metrics!) ?? 0;
      const noise = Math.max(isQuick ? shift.deviation : leastNoise, deviation) * (result!.clean ? 1 : 2);
      return [{ point, device, value: value + (isQuick ? shift.mean : 0), noise }];
    });
  return [...of(state.protocol, false), ...(state.protocol === 'quick' ? [] : of('quick', true))];
}

/** How much later results differ from the quick ones of the same points, and by how much that varies. */
function quickShift(state: SearchState, standing: PlaceStanding, metric: MetricId): Prediction {
  const differences = standing.place.points.flatMap(({ key }) => {
    const [quick, final] = [standing.resultOf(key, 'quick'), standing.resultOf(key, state.protocol)];
    const a = quick?.metrics && axisValue(metric, quick.metrics);
    const b = final?.metrics && axisValue(metric, final.metrics);
    return a !== undefined && b !== undefined ? [b - a] : [];
  });
  // Worth four pairs: what is usual counts while there are few.
  const n = differences.length;
  const mean = differences.reduce((sum, value) => sum + value, 0) / (n + 4);
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 4 * quickNoise ** 2);
  return { mean, deviation: Math.sqrt(squares / (n + 4)) };
}

/** Of other devices, evenly over what they have. */
function others(
  state: SearchState,
  standings: ReadonlyMap<string, PlaceStanding>,
  deviceId: string,
  metric: MetricId,
): Observed[] {
  const all = [...standings]
    .filter(([id]) => id !== deviceId)
    .flatMap(([, standing], i) => observations(state, standing, metric, i + 1));
  const most = mostSeen - Math.min(mostOwn, standings.get(deviceId)!.results.length);
  const stride = Math.max(1, all.length / most);
  return Array.from({ length: Math.min(all.length, most) }, (_, i) => all[Math.floor(i * stride)]!);
}

/** What is expected of a point before anything was measured, up to a level: costs grow with the multiplications. */
function trendOf(metric: MetricId, points: readonly SearchPoint[]): Float64Array {
  const row: MetricRow = metricTable[metric];
  const grows = (row.source === 'latency' || row.source === 'sensor') && row.direction === 'min' && row.scale === 'log';
  return Float64Array.from(points, ({ screening }) => {
    const macs = screening.macs?.value;
    return grows && macs !== undefined && macs > 0 ? macSlope * Math.log(macs) : 0;
  });
}

/** Remembers: the kernels are tried on the same pairs. */
function distances(columns: Columns): (a: number, b: number) => number {
  return (a, b) => distance(columns, columns.rows[a]!, columns.rows[b]!);
}

/** Of the kernels the one under which the results are likeliest; told by no more of them than are needed for that. */
function likeliest(seen: readonly Seen[], between: (a: number, b: number) => number): PointProcess {
  const stride = Math.max(1, seen.length / 60);
  const some = Array.from({ length: Math.min(60, seen.length) }, (_, i) => seen[Math.floor(i * stride)]!);
  const rows = [...new Set(some.map(({ row }) => row))];
  const at = new Map(rows.map((row, i) => [row, i]));
  const kept = Float64Array.from({ length: rows.length ** 2 }, (_, i) =>
    between(rows[Math.floor(i / rows.length)]!, rows[i % rows.length]!),
  );
  const quick = (a: number, b: number): number => kept[at.get(a)! * rows.length + at.get(b)!]!;
  const hasOthers = seen.some(({ device }) => device > 0);
  const tried = kernels.filter(({ shared }) => hasOthers || shared === 0);
  let best = tried[0]!;
  let most = Number.NEGATIVE_INFINITY;
  for (const kernel of tried) {
    const { logLikelihood } = new PointProcess(some, quick, kernel);
    if (logLikelihood > most) [best, most] = [kernel, logLikelihood];
  }
  return new PointProcess(seen, between, best);
}
