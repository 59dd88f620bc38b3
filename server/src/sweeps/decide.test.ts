import { type MetricValues, type RunSettings, replicatesOf, settingsKey } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { decide, type SweepStanding } from './decide.js';
import { samplers } from './samplers/index.js';
import type { SearchPoint } from './samplers/sampler.js';
import { isOpen, type PlaceFacts, type SearchTrial, searchStateOf } from './search-state.js';
import { type PlacePlan, placeKeyOf, pointsOf, type SweepPlan } from './sweep-plan.js';
import { sweepFile } from './testing/sweep-file.js';

const recipes = ['fp32', 'fp16', 'int8', 'prune'];
const settings: readonly RunSettings[] = [
  { threads: 1, graphLevel: 'all' },
  { threads: 2, graphLevel: 'all' },
];

const value = (n: number) => ({ value: n, low: n * 0.99, high: n * 1.01, n: 3, unit: '' });
const costOf = (recipe: string, threads: number): MetricValues => ({
  latency_p50_ms: value((10 - 2 * recipes.indexOf(recipe)) / threads),
  accuracy: value(0.9 - recipes.indexOf(recipe) / 50),
});

function placeOf(name: string): PlacePlan {
  return {
    deviceId: `dev_${name}`,
    deviceName: name,
    deviceType: 'bench',
    isBoard: false,
    emulated: false,
    modelId: 'mod_1',
    modelName: 'net',
    settings,
    without: [],
    control: 'fp32',
    ready: true,
  };
}

function planOf(devices: readonly string[]): SweepPlan {
  return {
    recipes,
    objectives: {
      mod_1: [
        { metric: 'latency_p50_ms', direction: 'min', unit: 'ms' },
        { metric: 'accuracy', direction: 'max', unit: '' },
      ],
    },
    variants: {},
    places: devices.map(placeOf),
    leftOut: [],
  };
}

function factsOf(plan: SweepPlan): Map<string, PlaceFacts> {
  return new Map(
    plan.places.map((place): [string, PlaceFacts] => [
      placeKeyOf(place),
      {
        points: pointsOf(plan, place).map(
          (point): SearchPoint => ({ ...point, screening: { size_bytes: value(100) }, features: {} }),
        ),
        refusals: new Map(),
        reference: { corner: [20, 0], fp32: [10, 0.9] },
      },
    ]),
  );
}

/** A whole search, the oldest open trial ending first. */
function search(file: ReturnType<typeof sweepFile>, devices: readonly string[] = ['pi-a']): SearchTrial[] {
  let plan = planOf(devices);
  const facts = factsOf(plan);
  let trials: SearchTrial[] = [];
  for (let ended = 1; ; ended++) {
    const standing: SweepStanding = { file, plan, trials, facts, wallSeconds: 0 };
    const decision = decide(standing, samplers[file.sampler.name]);
    plan = { ...plan, places: decision.places };
    trials = [
      ...trials,
      ...decision.proposals.map(
        ({ place, settings: own, ...proposal }): SearchTrial => ({
          ...proposal,
          id: `tri_${proposal.number}`,
          modelId: place.modelId,
          deviceId: place.deviceId,
          deviceName: place.deviceName,
          settingsKey: settingsKey(own),
          state: 'running',
          metrics: costOf(proposal.recipe, own.threads),
          verdict: null,
          runs: 0,
          deviceSeconds: null,
          endedNumber: null,
        }),
      ),
    ];
    if (decision.ended) return trials;
    const oldest = trials.find(isOpen);
    if (!oldest) throw new Error('nothing is open and it has not ended');
    trials = trials.map((trial) =>
      trial === oldest
        ? {
            ...trial,
            state: 'succeeded',
            verdict: 'clean',
            runs: replicatesOf(file, trial.protocol),
            deviceSeconds: 60,
            endedNumber: ended,
          }
        : trial,
    );
  }
}

const story = (trials: readonly SearchTrial[]): string[] =>
  trials.map(({ pointKey, deviceName, protocol, reason }) => `${deviceName} ${pointKey} ${protocol} ${reason}`);

describe('decide', () => {
  it.each(['grid', 'random', 'adaptive'] as const)(
    '[SWEEP-13] %s: the same seed and the same results give the same trials in the same order',
    (name) => {
      const file = (seed: number) => sweepFile({ protocol: 'standard', sampler: { name, seed } });
      const first = story(search(file(7), ['pi-a', 'pi-b']));
      expect(story(search(file(7), ['pi-a', 'pi-b']))).toEqual(first);
      if (name === 'random') expect(story(search(file(8), ['pi-a', 'pi-b']))).not.toEqual(first);
    },
  );

  it.each(['grid', 'random', 'adaptive'] as const)('[SWEEP-2] %s: the control is first and last', (name) => {
    const trials = search(sweepFile({ protocol: 'standard', sampler: { name, seed: 3 } }));
    expect([trials[0], trials.at(-1)]).toMatchObject([
      { recipe: 'fp32', reason: 'control', replicate: 1, protocol: 'standard' },
      { recipe: 'fp32', reason: 'control', protocol: 'standard' },
    ]);
  });

  it('[SWEEP-24] a trial under the protocol of its sweep costs as many runs as it has replicates', () => {
    const costs = (replicates: number): number =>
      search(sweepFile({ budget: { runs: 8 }, replicates }), ['pi-a']).length;
    expect([costs(1), costs(2)]).toEqual([8, 4]);
  });

  it.each([
    [{ runs: 6 }, 6],
    [{ deviceMinutes: 6 }, 6],
    [{ runs: 1 }, 1],
    [{ runs: 100 }, 18],
  ] as const)('[SWEEP-4] with a budget of %j %i trials are made, the last controls among them', (budget, most) => {
    const trials = search(sweepFile({ budget }), ['pi-a', 'pi-b']);
    // Two are open at a time on each device: minutes are known when they are spent.
    expect(trials.length).toBeLessThanOrEqual('deviceMinutes' in budget ? most + 2 : most);
    expect(trials.length).toBeGreaterThanOrEqual(most);
    if (most > 4)
      for (const device of ['pi-a', 'pi-b'])
        expect(trials.filter(({ deviceName }) => deviceName === device).at(-1)!.reason).toBe('control');
  });

  it('[SWEEP-14] what a search sees of quality is from validation data, where the model has it', () => {
    const plan = planOf(['pi-a']);
    const [place] = plan.places;
    const facts = factsOf(plan);
    const known = facts.get(placeKeyOf(place!))!;
    const screened = { ...known.points[0]!, screening: { accuracy: value(0.7), size_bytes: value(5) } };
    const trials = search(sweepFile()).slice(0, 1);
    const state = searchStateOf(
      sweepFile(),
      plan,
      'mod_1',
      new Map([[placeKeyOf(place!), { ...known, points: [screened] }]]),
      trials,
    );
    expect(state.results[0]!.metrics).toMatchObject({ accuracy: { value: 0.7 }, latency_p50_ms: { value: 10 } });
    expect(state.results[0]!.metrics!.size_bytes).toBeUndefined();
  });
});
