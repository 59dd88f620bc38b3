import { meets } from '@hilltop/contracts';
import { axisValue, breaks, placeOf } from './axes.js';
import { Improvement } from './improvement.js';
import type { PlaceStanding } from './place-standing.js';
import type { Prediction } from './point-process.js';
import type { SearchPoint, SearchState } from './sampler.js';
import { type Surrogate, surrogateOf } from './surrogate.js';

/** A point that has no final result yet, and what may come of it. */
export interface Prospect {
  readonly point: SearchPoint;
  readonly quick: boolean;
  /** Volume that it would add at each of the equally likely values of what is not known, the largest first. */
  readonly gains: readonly number[];
  readonly expectedGain: number;
}

export interface Prospects {
  readonly list: readonly Prospect[];
  readonly improvement: Improvement;
  readonly surrogates: readonly Surrogate[];
}

/** Middles of five equal parts of the standard normal. */
const draws = [-1.2816, -0.5244, 0, 0.5244, 1.2816];
/** With three objectives a volume takes longer, so fewer points are looked at closely: the best by their means. */
const mostOfThree = 60;
const mostOfTwo = 100;

/** What each point that is left might add to the frontier of a place. */
export function prospectsOf(
  state: SearchState,
  standings: ReadonlyMap<string, PlaceStanding>,
  deviceId: string,
  points: readonly SearchPoint[],
): Prospects {
  const { objectives, constraints, protocol } = state;
  const standing = standings.get(deviceId)!;
  const measured = standing.place.points.flatMap((point) => {
    const metrics = standing.resultOf(point.key, protocol)?.metrics;
    const place = metrics && placeOf(metrics, objectives);
    const isAllowed = metrics && constraints.every((c) => meets(c, { ...point.screening, ...metrics }));
    return place && isAllowed ? [place] : [];
  });
  const unknown = objectives.filter(({ metric }) => points.some((p) => axisValue(metric, p.screening) === undefined));
  const surrogates = new Map(unknown.map(({ metric }) => [metric, surrogateOf(state, standings, deviceId, metric)]));
  const middle = (point: SearchPoint): number[] =>
    objectives.map(({ metric }) => axisValue(metric, point.screening) ?? surrogates.get(metric)!.mean(point.key));
  const middles = points.map(middle);
  const improvement = new Improvement(measured, cornerOf(state, standing, [...measured, ...middles]));
  const most = objectives.length > 2 ? mostOfThree : mostOfTwo;
  const close = points
    .map((point, i) => ({ point, promise: promiseOf(middles[i]!, improvement, state) }))
    .sort((a, b) => b.promise - a.promise)
    .slice(0, most);
  const list = close.map(({ point }): Prospect => {
    const predicted = objectives.map(({ metric }): Prediction => {
      const known = axisValue(metric, point.screening);
      return known === undefined ? surrogates.get(metric)!.predict(point.key) : { mean: known, deviation: 0 };
    });
    const gains = draws
      .map((z) => improvement.of(predicted.map(({ mean, deviation }) => mean + z * deviation)))
      .map((gain) => (isPossible(point, state) ? gain : 0))
      .sort((a, b) => b - a);
    return {
      point,
      quick: standing.resultOf(point.key, 'quick') !== undefined,
      gains,
      expectedGain: gains.reduce((sum, gain) => sum + gain, 0) / gains.length,
    };
  });
  return { list, improvement, surrogates: [...surrogates.values()] };
}

const isPossible = (point: SearchPoint, { constraints }: SearchState): boolean => !breaks(constraints, point.screening);

/** How it would do if it came out rather better than expected: puts points in order, nothing else. */
function promiseOf(middle: readonly number[], improvement: Improvement, { objectives }: SearchState): number {
  const lucky = middle.map((value, i) => value - (objectives[i]!.metric.startsWith('latency') ? 0.3 : 0));
  return improvement.of(lucky);
}

/** The reference point on the axes; before there is one, the worst that is known or expected, and a little more. */
function cornerOf(state: SearchState, { place }: PlaceStanding, known: readonly (readonly number[])[]): number[] {
  const { reference } = place;
  const { objectives } = state;
  const given =
    reference &&
    placeOf(
      Object.fromEntries(objectives.map(({ metric, unit }, i) => [metric, { value: reference[i]!, n: 1, unit }])),
      objectives,
    );
  if (given) return given;
  return objectives.map((_, i) => {
    const values = known.map((place) => place[i]!);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return high + 0.1 * (high - low || 1);
  });
}
