import { mulberry32, normal } from '@hilltop/contracts';
import { dominates } from '../../frontier/dominance.js';
import { axisDeviation, axisValue, placeOf } from './axes.js';
import type { PlaceStanding } from './place-standing.js';
import type { SearchPoint, SearchState } from './sampler.js';
import { seeded } from './seeded.js';

/** A measured point of which it is open whether it is on the frontier. */
export interface Undecided {
  readonly point: SearchPoint;
  /** Share of replicates in which nothing dominates it. */
  readonly probability: number;
  readonly clean: boolean;
}

const replicates = 100;
/** From here to one minus it, membership is undecided. */
const undecidedFrom = 0.1;
/** Two runs differ by more than their own processes show. */
const betweenRuns = 0.015;

/** Undecided ones, the most undecided first. What is known beforehand does not vary: measuring again would not tell it better. */
export function undecidedOf(state: SearchState, standing: PlaceStanding): Undecided[] {
  const { objectives, protocol, seed } = state;
  const measured = standing.place.points.flatMap((point) => {
    const result = standing.resultOf(point.key, protocol);
    const place = result?.metrics && placeOf(result.metrics, objectives);
    if (!place) return [];
    const deviations = objectives.map(({ metric }) => {
      if (axisValue(metric, point.screening) !== undefined) return 0;
      const times = standing.timesMeasured(point.key, protocol);
      return Math.hypot(axisDeviation(metric, result!.metrics!) ?? 0, betweenRuns) / Math.sqrt(times);
    });
    return [{ point, place, deviations, clean: result!.clean }];
  });
  // What another beats by four deviations in everything is decided: only the others are drawn.
  const near = measured.filter(
    (one) =>
      !measured.some(
        (other) =>
          other !== one &&
          dominates(
            other.place.map((v, i) => v + 4 * Math.hypot(other.deviations[i]!, one.deviations[i]!)),
            one.place,
          ),
      ),
  );
  const random = mulberry32(Math.floor(seeded(seed, standing.place.deviceId) * 2 ** 32));
  const free = new Float64Array(near.length);
  for (let r = 0; r < replicates; r++) {
    const drawn = near.map(({ place, deviations }) => place.map((v, i) => v + deviations[i]! * normal(random)));
    drawn.forEach((one, i) => {
      if (!drawn.some((other, j) => j !== i && dominates(other, one))) free[i]! += 1;
    });
  }
  return near
    .map(({ point, clean }, i) => ({ point, clean, probability: free[i]! / replicates }))
    .filter(({ probability }) => probability >= undecidedFrom && probability <= 1 - undecidedFrom)
    .sort((a, b) => Math.abs(a.probability - 0.5) - Math.abs(b.probability - 0.5));
}
