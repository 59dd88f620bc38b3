import {
  counterDifference,
  energySensors,
  median,
  type Observations,
  type PowerDocument,
  type PowerWindow,
  type Sensor,
} from '@hilltop/contracts';
import { gapOf } from './power-trace.js';
import { faultsOf, momentsOf, rowsOf, windowsOf } from './run-moments.js';

export interface PowerPictureInput {
  readonly batches: readonly Observations[];
  /** Of the run's environment; readings name them by their place. */
  readonly sensors: readonly Sensor[];
  readonly mostBuckets: number;
}

/** Power over a time (a moment, where it was sampled), with its extremes, W and ms. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

/**
 * All that was stored of what a run's energy is taken from, brought to at most so many buckets of time that keep mean (by time), least
 * and highest; parts of one supply are added where all of them tell. The same run always gives the same picture.
 */
export function powerPicture({ batches, sensors, mostBuckets }: PowerPictureInput): PowerDocument {
  const chosen = energySensors(sensors);
  const parts = chosen.map((place) => piecesOf(batches, place, sensors[place]!));
  const moments = momentsOf(batches);
  const faults = faultsOf(moments);
  const rows = parts.reduce((sum, pieces) => sum + pieces.length, 0);
  const marked = [...moments.values()].flat().map(({ at }) => at);
  const begin = Math.min(...parts.flatMap((pieces) => pieces[0]?.start ?? []), ...marked);
  const end = Math.max(...parts.flatMap((pieces) => pieces.at(-1)?.end ?? []), begin);
  const periodMs = Math.max(0, ...parts.map(periodOf));
  // Parts do not tell at the same moments: a bucket has to be wide enough for one of each.
  const span = Number.isFinite(begin) ? end - begin : 0;
  const widthMs = Math.max(span / mostBuckets, parts.length > 1 ? 2 * periodMs : 0, Number.MIN_VALUE);
  const buckets = addUp(parts.map((pieces) => bucketsOf(pieces, { begin, widthMs, mostBuckets })));
  const origin = Number.isFinite(begin) ? begin : 0;
  const windows = [...moments].flatMap(([block, list]) =>
    (['idle', 'load', 'loop'] as const).flatMap((what) =>
      windowsOf(list, what).map(
        ({ from, to }): PowerWindow => ({
          what,
          block,
          fromMs: from - origin,
          toMs: to - origin,
          whole: !faults.some((at) => at >= from && at <= to),
        }),
      ),
    ),
  );
  return {
    sensors: chosen.map((place) => sensors[place]!),
    rows,
    gapMs: Math.max(gapOf(periodMs), 1.5 * widthMs),
    atMs: buckets.map(({ at }) => at - origin),
    minW: buckets.map(({ min }) => min),
    meanW: buckets.map(({ mean }) => mean),
    maxW: buckets.map(({ max }) => max),
    windows: windows.sort((a, b) => a.fromMs - b.fromMs),
    faultsMs: faults.map((at) => at - origin),
  };
}

function piecesOf(batches: readonly Observations[], place: number, sensor: Sensor): Piece[] {
  const power = rowsOf(batches, 'power', ['sensor', 'start_ms', 'end_ms', 'mean_w', 'min_w', 'max_w'])
    .filter(([index]) => index === place)
    .map(([, start, end, mean, min, max]) => ({ start: start!, end: end!, mean: mean!, min: min!, max: max! }));
  if (power.length > 0) return power;
  const readings = rowsOf(batches, 'reading', ['sensor', 'before_ms', 'after_ms', 'value'])
    .filter(([index]) => index === place)
    .map(([, before, after, value]) => ({ before: before!, after: after!, value: value! }));
  const level = (start: number, end: number, watts: number): Piece => ({
    start,
    end,
    mean: watts,
    min: watts,
    max: watts,
  });
  const middle = (i: number): number => (readings[i]!.before + readings[i]!.after) / 2;
  if (sensor.quantity === 'power' && sensor.kind === 'averaged')
    return readings.slice(1).map(({ after, value }, i) => level(readings[i]!.after, after, value));
  if (sensor.quantity === 'power') return readings.map(({ value }, i) => level(middle(i), middle(i), value));
  return readings.slice(1).flatMap(({ value }, i) => {
    const [from, to] = [middle(i), middle(i + 1)];
    const joules = counterDifference(sensor, readings[i]!.value, value);
    return to > from && joules >= 0 ? [level(from, to, (1000 * joules) / (to - from))] : [];
  });
}

function periodOf(pieces: readonly Piece[]): number {
  const steps = pieces.slice(1).map((piece, i) => piece.start - pieces[i]!.start);
  return steps.length > 0 ? median(steps) : 0;
}

interface Bucket {
  /** Of the parts: their mean moment. */
  readonly at: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

/** Number of a bucket -> what lies in it. A piece lies where its middle is. */
function bucketsOf(
  pieces: readonly Piece[],
  { begin, widthMs, mostBuckets }: { begin: number; widthMs: number; mostBuckets: number },
): Map<number, Bucket> {
  const sums = new Map<number, { at: number; weighed: number; weight: number; min: number; max: number; n: number }>();
  for (const { start, end, mean, min, max } of pieces) {
    const at = (start + end) / 2;
    const number = Math.min(mostBuckets - 1, Math.floor((at - begin) / widthMs));
    const weight = end > start ? end - start : 1;
    const sum = sums.get(number) ?? { at: 0, weighed: 0, weight: 0, min, max, n: 0 };
    sum.at += at;
    sum.n += 1;
    sum.weighed += mean * weight;
    sum.weight += weight;
    sum.min = Math.min(sum.min, min);
    sum.max = Math.max(sum.max, max);
    sums.set(number, sum);
  }
  return new Map(
    [...sums].map(([number, { at, n, weighed, weight, min, max }]) => [
      number,
      { at: at / n, min, mean: weighed / weight, max },
    ]),
  );
}

/** Buckets that every part has something in, ascending. The extremes of a sum lie within the sums of the extremes. */
function addUp(parts: ReadonlyArray<ReadonlyMap<number, Bucket>>): Bucket[] {
  const [first, ...others] = parts;
  if (!first) return [];
  return [...first]
    .sort(([a], [b]) => a - b)
    .flatMap(([number, bucket]) => {
      const all = [bucket, ...others.map((other) => other.get(number))];
      if (!all.every((one) => one !== undefined)) return [];
      const sum = (of: (one: Bucket) => number): number => all.reduce((total, one) => total + of(one), 0);
      return [
        {
          at: sum(({ at }) => at) / all.length,
          min: sum(({ min }) => min),
          mean: sum(({ mean }) => mean),
          max: sum(({ max }) => max),
        },
      ];
    });
}
