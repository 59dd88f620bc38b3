import { samplers } from '@hilltop/server/dist/sweeps/samplers/index.js';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import { readRecordings } from './recording.js';
import { exhaustiveSeconds, type Replay, replay } from './search-replay.js';
import { type ReplayPlace, replayPlace } from './search-space.js';
import { quantile } from './statistics.js';

const seeds = 20;
const seedsQuick = 3;
/** Of the volume that measuring everything gives. */
const share = 0.95;
/** Not looked at until the sampler was as it is: nothing was tuned on them. */
const unseen = { model: 'fashion-resnet-micro', device: 'pico' };
const isUnseen = ({ model, device }: Pick<Replay, 'model' | 'device'>): boolean =>
  model === unseen.model || device === unseen.device;

/** One seed at one place: adaptive and what it is held against. */
interface Pair {
  readonly model: string;
  readonly device: string;
  readonly seed: number;
  readonly adaptive: Replay;
  readonly random: Replay;
  /** Of the whole grid, and until the grid in its own order has the share. */
  readonly gridSeconds: number;
  readonly gridSecondsToShare: number;
}

/** Never reached is later than anything. */
const reached = ({ secondsToShare }: Replay): number => secondsToShare ?? Number.POSITIVE_INFINITY;
const againstRandom = (pair: Pair): number => reached(pair.adaptive) / reached(pair.random);
const againstGrid = (pair: Pair): number => reached(pair.adaptive) / pair.gridSeconds;
const againstGridsOwn = (pair: Pair): number => reached(pair.adaptive) / pair.gridSecondsToShare;

function pairsOf(places: readonly ReplayPlace[], count: number): Pair[] {
  const grid = replay(places, samplers.grid, 0, share);
  return Array.from({ length: count }, (_, i) => i + 1).flatMap((seed) => {
    const adaptive = replay(places, samplers.adaptive, seed, share);
    const random = replay(places, samplers.random, seed, share);
    return places.map(
      (place, p): Pair => ({
        model: place.model,
        device: place.device,
        seed,
        adaptive: adaptive[p]!,
        random: random[p]!,
        gridSeconds: exhaustiveSeconds(place),
        gridSecondsToShare: reached(grid[p]!),
      }),
    );
  });
}

function figuresOf(pairs: readonly Pair[], points: number): Figure[] {
  const held = pairs.filter(isUnseen);
  const median = (what: string, of: readonly Pair[], ratio: (pair: Pair) => number, bound?: number): Figure => ({
    what,
    // A bound is not kept by a search that is not there.
    value: of.length > 0 ? quantile(of.map(ratio), 0.5) : Number.POSITIVE_INFINITY,
    unit: '',
    n: of.length,
    ...(bound !== undefined && { bound: { op: '<=', value: bound } }),
  });
  const places = [...new Set(pairs.map(({ model, device }) => `${model} on ${device}`))];
  return [
    median('adaptive / random, device time to 95 % of the volume, median', pairs, againstRandom, 0.5),
    median('adaptive / whole grid, device time to 95 % of the volume, median', pairs, againstGrid, 0.15),
    median('adaptive / random, unseen model or device', held, againstRandom, 0.5),
    median('adaptive / whole grid, unseen model or device', held, againstGrid, 0.15),
    median('adaptive / grid in its own order until it has 95 %', pairs, againstGridsOwn),
    {
      what: 'searches in which adaptive got to 95 %',
      value: pairs.filter(({ adaptive }) => adaptive.secondsToShare !== undefined).length / pairs.length,
      unit: '',
      n: pairs.length,
    },
    {
      what: 'share of the volume when adaptive ended by itself, median',
      value: quantile(
        pairs.map(({ adaptive }) => adaptive.finalShare),
        0.5,
      ),
      unit: '',
    },
    {
      what: 'device time until it ended by itself / whole grid, median',
      value: quantile(
        pairs.map(({ adaptive, gridSeconds }) => adaptive.seconds / gridSeconds),
        0.5,
      ),
      unit: '',
    },
    {
      what: 'most processor time of a choice',
      value: Math.max(...pairs.map(({ adaptive }) => adaptive.slowestChoiceMs)),
      unit: 'ms',
    },
    { what: 'fewest points of a model and device', value: points, unit: '', bound: { op: '>=', value: 150 } },
    ...places.flatMap((name) => {
      const of = pairs.filter(({ model, device }) => `${model} on ${device}` === name);
      const label = isUnseen(of[0]!) ? `${name} (unseen)` : name;
      return [median(`${label}: / random`, of, againstRandom), median(`${label}: / whole grid`, of, againstGrid)];
    }),
  ];
}

async function run({ quick, log }: BenchOptions): Promise<BenchResult> {
  const places = readRecordings().map(replayPlace);
  const models = [...new Set(places.map(({ model }) => model))];
  const pairs = models.flatMap((model) => {
    const own = pairsOf(
      places.filter((place) => place.model === model),
      quick ? seedsQuick : seeds,
    );
    for (const { device, seed, adaptive, random, gridSeconds } of own)
      if (seed === 1)
        log(
          `${model} on ${device}: ${reached(adaptive).toFixed(1)} s, random ${reached(random).toFixed(1)} s, grid ${gridSeconds.toFixed(1)} s; ended after ${adaptive.trials} trials (${adaptive.quickTrials} quick), ${(100 * adaptive.finalShare).toFixed(1)} %`,
        );
    return own;
  });
  const figures = figuresOf(pairs, Math.min(...places.map(({ place }) => place.points.length)));
  return {
    outcome: outcomeOf(figures),
    figures,
    notes: [
      `recordings of bench/recordings (bench record-search): ${places.length} pairs of model and device; each replayed result was really measured there once, and costs the time it then took`,
      `volume of latency (log) and accuracy on evaluation data, over that of all points; the search sees accuracy on validation data only, as in the lab; all devices of a model are searched at once and know of each other`,
      `unseen until the last run: the model ${unseen.model} on every device, the device ${unseen.device} for every model`,
      'adaptive chooses the same with every seed but for its draws of membership, so its spread is random’s',
    ],
    raw: pairs,
  };
}

export const search: Bench = {
  name: 'search',
  title: 'Device time to 95 % of the frontier: adaptive against random and the grid',
  run,
};
