import { breaks } from './axes.js';
import { blindStep } from './blind.js';
import { undecidedOf } from './membership.js';
import { firstOf, type PlaceStanding, standingOf, untried } from './place-standing.js';
import { priceOf } from './prices.js';
import { type Prospect, type Prospects, prospectsOf } from './prospects.js';
import type { Sampler, SearchState, SearchStep } from './sampler.js';

/** The search ends when no point is expected to add more than this share of the volume there is. */
const leastGain = 0.001;
/** After so many raced points without a promotion the best of all raced ones is promoted: the rungs of successive halving. */
const halving = 4;
/** A point is measured at most so often under the final protocol. */
const mostTimes = 2;

/**
 * Spends device time where the frontier is undecided. What the coordinator knows of every point beforehand, and what other results and
 * other devices let expect of it, say what it may add to the frontier; points race under `quick` when that is worth its time, the
 * best of them are promoted to the final protocol, and in the end those that are undecided are measured once more.
 */
export const adaptive: Sampler = {
  name: 'adaptive',
  next(state, deviceId) {
    const standings = new Map(state.places.map((place) => [place.deviceId, standingOf(state, place.deviceId)]));
    const standing = standings.get(deviceId) ?? standingOf(state, deviceId);
    const { protocol } = state;
    const control = firstOf(standing);
    if (control)
      return step(control.key, protocol, 'control', `${control.recipe} first: what the others are held against`);
    // What one result tells of the level of a device is worth more than a guess without it.
    if (standing.results.length === 0 && standing.open > 0)
      return { kind: 'wait', why: 'its first result is still under way' };
    const left = untried(state, standing).filter((point) => !breaks(state.constraints, point.screening));
    const blind = blindStep(state, standing, left);
    if (blind) return blind;
    const prospects = prospectsOf(state, standings, deviceId, left);
    const choice = choose(state, standing, prospects);
    if (choice) return choice;
    return remeasured(state, standing) ?? ended(standing, prospects);
  },
};

const step = (
  pointKey: string,
  protocol: SearchState['protocol'],
  reason: (SearchStep & { kind: 'try' })['reason'],
  why: string,
): SearchStep => ({ kind: 'try', pointKey, protocol, reason, why: why.slice(0, 500) });

const percent = (share: number): string =>
  `${share >= 0.1 ? Math.round(100 * share) : Number((100 * share).toPrecision(2))} %`;

/** The trial that is expected to add the most volume for its device time; undefined where none is worth it. */
function choose(state: SearchState, standing: PlaceStanding, prospects: Prospects): SearchStep | undefined {
  const { protocol } = state;
  const { deviceId } = standing.place;
  const { list, improvement, surrogates } = prospects;
  const quickPrice = priceOf('quick', deviceId, state.results);
  const finalPrice = priceOf(protocol, deviceId, state.results);
  const worth = leastGain * improvement.volume;
  const seen = surrogates[0];
  const basis = seen
    ? `${seen.seen} ${seen.seen === 1 ? 'result' : 'results'}, ${seen.others} of other devices`
    : 'what is known of it';
  const isDue =
    racedSincePromotion(state, standing) >= halving && list.some((one) => one.quick && one.expectedGain > worth);
  let best: { readonly rate: number; readonly make: () => SearchStep } | undefined;
  for (const prospect of list) {
    if (prospect.expectedGain <= worth || (isDue && !prospect.quick)) continue;
    const share = improvement.volume > 0 ? prospect.expectedGain / improvement.volume : 1;
    const direct = prospect.expectedGain / finalPrice;
    const raced = prospect.quick || protocol === 'quick' ? 0 : racingRate(prospect, quickPrice, finalPrice);
    const rate = Math.max(direct, raced);
    if (best && rate <= best.rate) continue;
    const expected = `expected to add ${percent(share)} of the volume, by ${basis}`;
    best = {
      rate,
      make: () =>
        raced > direct
          ? step(
              prospect.point.key,
              'quick',
              'racing',
              `${expected}; a quick run first costs ${percent(quickPrice / finalPrice)}`,
            )
          : step(
              prospect.point.key,
              protocol,
              prospect.quick ? 'promotion' : 'guided',
              prospect.quick ? `raced; ${expected}` : expected,
            ),
    };
  }
  return best?.make();
}

/** Quick results in a row, up to the newest. */
function racedSincePromotion({ protocol }: SearchState, { results }: PlaceStanding): number {
  return protocol === 'quick'
    ? 0
    : results.length - 1 - results.findLastIndex((result) => result.protocol === protocol);
}

/**
 * Volume for time when a quick run comes first and the final one only after good news: the rate at which one is indifferent (Weitzman's
 * index of a box that costs something to open).
 */
function racingRate({ gains }: Prospect, quickPrice: number, finalPrice: number): number {
  let [sum, rate] = [0, 0];
  gains.forEach((gain, i) => {
    sum += gain / gains.length;
    rate = Math.max(rate, sum / (quickPrice + (finalPrice * (i + 1)) / gains.length));
  });
  return rate;
}

/** Undecided ones near the frontier again: disturbed results first. */
function remeasured(state: SearchState, standing: PlaceStanding): SearchStep | undefined {
  const again = undecidedOf(state, standing).filter(
    ({ point }) => !standing.isOpen(point.key) && standing.timesMeasured(point.key, state.protocol) < mostTimes,
  );
  const chosen = again.find(({ clean }) => !clean) ?? again[0];
  if (!chosen) return undefined;
  const { point, probability, clean } = chosen;
  return step(
    point.key,
    state.protocol,
    'remeasure',
    `on the frontier in ${percent(probability)} of replicates${clean ? '' : ', and its run was disturbed'}`,
  );
}

function ended(standing: PlaceStanding, { list, improvement }: Prospects): SearchStep {
  if (standing.open > 0) return { kind: 'wait', why: `${standing.open} trials are still under way` };
  const most = Math.max(0, ...list.map(({ expectedGain }) => expectedGain)) / (improvement.volume || 1);
  return { kind: 'done', why: `no point is expected to add more than ${percent(most)} of the volume` };
}
