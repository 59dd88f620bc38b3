import { objectiveOf, parseConstraint } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { placeOf } from './axes.js';
import { Improvement } from './improvement.js';
import { samplers } from './index.js';
import type { SearchState } from './sampler.js';
import { drive, objectives, type SyntheticSearch, syntheticSearch, type Try } from './testing/synthetic-search.js';

const keysOf = (tries: readonly Try[], deviceId: string): string[] =>
  tries.filter((one) => one.deviceId === deviceId).map(({ pointKey }) => pointKey);

const emptyState = (search: SyntheticSearch, seed = 1): SearchState => ({
  seed,
  objectives,
  constraints: [],
  protocol: 'standard',
  places: search.places,
  results: [],
  open: [],
});

for (const sampler of Object.values(samplers))
  describe(`the sampler ${sampler.name}`, () => {
    it('[SAMP-1] says the same of the same state, and another object of it changes nothing', () => {
      const search = syntheticSearch({ seed: 3, points: 25, failing: 0.1 });
      let states = 0;
      drive(search, sampler, {
        seed: 3,
        onState: (state, deviceId) => {
          if (states++ % 10 !== 0) return;
          const copy = structuredClone(state);
          expect(sampler.next(copy, deviceId)).toEqual(sampler.next(state, deviceId));
          expect(copy).toEqual(state);
        },
      });
    });

    it('[SAMP-2] measures the control first at every place', () => {
      const search = syntheticSearch({ seed: 5 });
      for (const { deviceId } of search.places)
        expect(sampler.next(emptyState(search), deviceId)).toMatchObject({
          kind: 'try',
          pointKey: search.places[0]!.points[0]!.key,
          protocol: 'standard',
          reason: 'control',
        });
    });

    it.each([11, 12, 13, 14])(
      '[SAMP-3] seed %i: ends, repeats nothing but remeasurements, and leaves what failed',
      (seed) => {
        const search = syntheticSearch({ seed, devices: 1 + (seed % 3), points: 30 + seed, failing: 0.15 });
        const tries = drive(search, sampler, { seed, open: 1 + (seed % 2) });
        for (const { deviceId } of search.places) {
          const own = tries.filter((one) => one.deviceId === deviceId);
          const firsts = own.filter(({ reason }) => reason !== 'remeasure');
          const texts = firsts.map(({ pointKey, protocol }) => `${pointKey} ${protocol}`);
          expect(new Set(texts).size).toBe(texts.length);
          const again = own.filter(({ reason }) => reason === 'remeasure').map(({ pointKey }) => pointKey);
          expect(new Set(again).size).toBe(again.length);
          const failed = own.filter(({ pointKey, protocol }) => !search.resultOf(deviceId, pointKey, protocol).metrics);
          expect(new Set(failed.map(({ pointKey }) => pointKey)).size).toBe(failed.length);
        }
      },
    );

    it('[SAMP-4] proposes nothing that is under way', () => {
      const search = syntheticSearch({ seed: 21, devices: 1, points: 30 });
      drive(search, sampler, {
        seed: 21,
        open: 4,
        onState: (state, deviceId) => {
          const next = sampler.next(state, deviceId);
          if (next.kind === 'try') expect(state.open.map(({ pointKey }) => pointKey)).not.toContain(next.pointKey);
        },
      });
    });

    it('[SAMP-5] leaves what breaks a constraint beforehand to the end', () => {
      const search = syntheticSearch({ seed: 8, devices: 1 });
      const constraint = parseConstraint('accuracy>=90%');
      const tries = drive(search, sampler, { seed: 8, constraints: [constraint] });
      const accuracyOf = new Map(
        search.places[0]!.points.map(({ key, screening }) => [key, screening.accuracy!.value]),
      );
      const meets = tries.map(({ pointKey }) => accuracyOf.get(pointKey)! >= 0.9);
      expect(meets.lastIndexOf(true)).toBeLessThan(meets.includes(false) ? meets.indexOf(false) : meets.length);
    });
  });

describe('grid and random', () => {
  it.each(['grid', 'random'] as const)(
    '[SAMP-6] %s tries every point exactly once, all under the final protocol',
    (name) => {
      const search = syntheticSearch({ seed: 2, failing: 0.2 });
      const tries = drive(search, samplers[name], { seed: 2, open: 2 });
      for (const { deviceId, points } of search.places)
        expect(keysOf(tries, deviceId).toSorted()).toEqual(points.map(({ key }) => key).toSorted());
      expect(new Set(tries.map(({ protocol }) => protocol))).toEqual(new Set(['standard']));
    },
  );

  it('[SAMP-6] grid keeps the order of the sweep file', () => {
    const search = syntheticSearch({ seed: 2, devices: 1 });
    expect(keysOf(drive(search, samplers.grid, { seed: 9 }), 'device-0')).toEqual(
      search.places[0]!.points.map(({ key }) => key),
    );
  });

  it('[SAMP-6] random has another order for another seed', () => {
    const search = syntheticSearch({ seed: 2, devices: 1 });
    const orders = [1, 2, 1].map((seed) => keysOf(drive(search, samplers.random, { seed }), 'device-0'));
    expect(orders[2]).toEqual(orders[0]);
    expect(orders[1]).not.toEqual(orders[0]);
  });
});

describe('adaptive', () => {
  const volumeOf = (search: SyntheticSearch, deviceId: string, keys: Iterable<string>): number => {
    const place = search.places.find((one) => one.deviceId === deviceId)!;
    const corner = [Math.log(place.reference![0]!), -place.reference![1]!];
    const found = [...keys].map(
      (key) => placeOf(search.resultOf(deviceId, key, 'standard').metrics ?? {}, objectives) ?? corner,
    );
    return new Improvement(found, corner).volume;
  };

  it.each([31, 32])(
    '[SAMP-7] seed %i: has 95 %% of the volume after less than a third of the points, and stops',
    (seed) => {
      const search = syntheticSearch({ seed, points: 150 });
      const tries = drive(search, samplers.adaptive, { seed });
      for (const { deviceId, points } of search.places) {
        const final = tries.filter((one) => one.deviceId === deviceId && one.protocol === 'standard');
        const all = points.map(({ key }) => key);
        const found = volumeOf(search, deviceId, new Set(final.map(({ pointKey }) => pointKey)));
        expect(found / volumeOf(search, deviceId, all)).toBeGreaterThan(0.95);
        expect(new Set(final.map(({ pointKey }) => pointKey)).size).toBeLessThan(points.length / 3);
      }
    },
  );

  it('[SAMP-8] needs fewer trials on a device after another has been searched', () => {
    const search = syntheticSearch({ seed: 41, points: 120 });
    const [first, second] = search.places as [SyntheticSearch['places'][0], SyntheticSearch['places'][0]];
    const known = first.points.map(({ key }) => search.resultOf(first.deviceId, key, 'standard'));
    const control = search.resultOf(second.deviceId, first.points[0]!.key, 'standard');
    const alone = samplers.adaptive.next({ ...emptyState(search), results: [control] }, second.deviceId);
    const guided = samplers.adaptive.next({ ...emptyState(search), results: [...known, control] }, second.deviceId);
    const latency = (step: typeof alone): number =>
      step.kind === 'try' ? volumeOf(search, second.deviceId, [step.pointKey]) : 0;
    expect(guided).toMatchObject({ kind: 'try' });
    expect(latency(guided)).toBeGreaterThanOrEqual(latency(alone));
    const best = Math.max(...second.points.map(({ key }) => volumeOf(search, second.deviceId, [key])));
    expect(latency(guided) / best).toBeGreaterThan(0.95);
  });

  it('[SAMP-9] measures again what was disturbed near the frontier, before it ends', () => {
    const search = syntheticSearch({ seed: 51, devices: 1, points: 12 });
    const { deviceId, points } = search.places[0]!;
    const results = points.map(({ key }) => {
      const result = search.resultOf(deviceId, key, 'standard');
      const { latency_p50_ms: latency } = result.metrics!;
      const wide = { ...latency!, low: latency!.value / 2, high: latency!.value * 2 };
      return { ...result, clean: false, metrics: { ...result.metrics, latency_p50_ms: wide } };
    });
    expect(samplers.adaptive.next({ ...emptyState(search), results }, deviceId)).toMatchObject({
      kind: 'try',
      reason: 'remeasure',
    });
  });

  it('[SAMP-11] races points under quick, promotes some, and never races five in a row', () => {
    const search = syntheticSearch({ seed: 71, devices: 1, points: 100 });
    const tries = drive(search, samplers.adaptive, { seed: 71 });
    const raced = new Set(tries.filter(({ reason }) => reason === 'racing').map(({ pointKey }) => pointKey));
    const promoted = tries.filter(({ reason }) => reason === 'promotion').map(({ pointKey }) => pointKey);
    expect(promoted.length).toBeGreaterThan(0);
    expect(promoted.length).toBeLessThan(raced.size);
    expect(promoted.every((key) => raced.has(key))).toBe(true);
    const inRow = tries.map(({ protocol }) => (protocol === 'quick' ? 'q' : '.')).join('');
    expect(inRow).not.toContain('qqqqq');
  });

  it('[SAMP-10] chooses among 500 points after 300 results within a tenth of a second of processor time', () => {
    const search = syntheticSearch({ seed: 61, devices: 2, points: 500 });
    const results = search.places.flatMap(({ deviceId, points }) =>
      points.slice(0, 150).map(({ key }) => search.resultOf(deviceId, key, 'standard')),
    );
    const state = { ...emptyState(search), results };
    const times = Array.from({ length: 5 }, () => {
      const before = process.cpuUsage();
      samplers.adaptive.next(state, 'device-0');
      return process.cpuUsage(before).user / 1000;
    });
    expect(Math.min(...times)).toBeLessThan(100);
  });
});

describe('adaptive with little to go by', () => {
  const bare = (search: SyntheticSearch): SyntheticSearch => ({
    ...search,
    places: search.places.map(({ reference: _unknown, ...place }) => ({
      ...place,
      points: place.points.map((point) => ({ ...point, recipe: 'some', screening: {}, features: {} })),
    })),
  });

  it.each([81, 82])('[SAMP-3] seed %i: ends where nothing is known beforehand, not even a reference point', (seed) => {
    const tries = drive(bare(syntheticSearch({ seed, points: 20, failing: 0.2 })), samplers.adaptive, { seed });
    expect(tries.length).toBeGreaterThan(0);
  });

  it('[SAMP-13] tries each point once where every one fails', () => {
    const search = syntheticSearch({ seed: 83, points: 15, failing: 1 });
    const result: SyntheticSearch['resultOf'] = (deviceId, pointKey, protocol) => ({
      pointKey,
      deviceId,
      protocol,
      clean: false,
      deviceSeconds: 1,
    });
    const tries = drive({ ...search, resultOf: result }, samplers.adaptive, { seed: 83, open: 2 });
    expect(keysOf(tries, 'device-0').toSorted()).toEqual(search.places[0]!.points.map(({ key }) => key).toSorted());
  });

  it('[SAMP-13] ends after three results where an objective is never measured', () => {
    const search = syntheticSearch({ seed: 84, points: 15, devices: 1 });
    const result: SyntheticSearch['resultOf'] = (...of) => {
      const { metrics: _lost, ...rest } = search.resultOf(...of);
      return { ...rest, metrics: {} };
    };
    expect(drive({ ...search, resultOf: result }, samplers.adaptive, { seed: 84 })).toHaveLength(3);
  });

  it('[SAMP-7] takes three objectives, one of them known beforehand for every point', () => {
    const search = syntheticSearch({ seed: 85, points: 60, devices: 1 });
    const three = [...objectives, objectiveOf('size_bytes')];
    const place = { ...search.places[0]!, reference: [...search.places[0]!.reference!, 8e6] };
    const states: SearchState = { ...emptyState(search), objectives: three, places: [place] };
    let results: SearchState['results'] = [];
    for (let trials = 0; ; trials++) {
      const step = samplers.adaptive.next({ ...states, results }, place.deviceId);
      if (step.kind !== 'try') {
        expect(step.kind).toBe('done');
        expect(trials).toBeGreaterThan(3);
        return;
      }
      const { key, screening } = place.points.find((point) => point.key === step.pointKey)!;
      const result = search.resultOf(place.deviceId, key, step.protocol);
      results = [...results, { ...result, metrics: { ...result.metrics, size_bytes: screening.size_bytes! } }];
    }
  }, 20_000);
});
