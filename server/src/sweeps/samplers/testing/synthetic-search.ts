import { type Constraint, mulberry32, normal, objectiveOf, type ProtocolName } from '@hilltop/contracts';
import type { Sampler, SearchPlace, SearchPoint, SearchResult, SearchState, SearchStep } from '../sampler.js';

/** A made-up model on made-up devices: recipes of pruning and 8 bits under graph levels, whose truth is known. */
export interface SyntheticSearch {
  readonly places: readonly SearchPlace[];
  /** True latency, ms. */
  readonly latencyOf: (deviceId: string, pointKey: string) => number;
  readonly resultOf: (deviceId: string, pointKey: string, protocol: ProtocolName) => SearchResult;
}

export const objectives = (['latency_p50_ms', 'accuracy'] as const).map(objectiveOf);
const seconds = { quick: 2, standard: 10, strict: 60 } as const satisfies Record<ProtocolName, number>;

export interface SyntheticOptions {
  readonly seed: number;
  readonly devices?: number;
  readonly points?: number;
  /** Share of points that fail wherever they are tried. */
  readonly failing?: number;
}

export function syntheticSearch({ seed, devices = 2, points = 60, failing = 0 }: SyntheticOptions): SyntheticSearch {
  const random = mulberry32(seed);
  const truths = new Map<string, { work: number; noise: number; fails: boolean; isInt8: boolean; slow: boolean }>();
  const all = Array.from({ length: points }, (_, i): SearchPoint => {
    const slow = i % 2 === 1;
    const isInt8 = i !== 0 && random() < 0.5;
    const ratio = i === 0 ? 0 : Math.round(random() * 80) / 100;
    const macs = 1e7 * (1 - ratio);
    const accuracy = 0.93 - 0.25 * ratio ** 2 - (isInt8 ? 0.004 : 0) - 0.004 * random();
    const recipe = i === 0 ? 'fp32' : `recipe-${i}`;
    const key = `model ${recipe} ${slow}`;
    truths.set(key, { work: macs / 1e7, noise: normal(random), fails: i > 0 && random() < failing, isInt8, slow });
    return {
      key,
      recipe,
      settings: { threads: 1, graphLevel: slow ? 'disabled' : 'all' },
      screening: {
        accuracy: { value: accuracy, n: 1000, unit: '' },
        size_bytes: { value: Math.round((macs / 10) * (isInt8 ? 1 : 4)), n: 1, unit: 'bytes' },
        macs: { value: macs, n: 1, unit: '' },
      },
      features: {
        'prune-channels': Number(ratio > 0),
        'prune-channels.ratio': ratio,
        'quantize-static': Number(isInt8),
      },
    };
  });
  const speeds = Array.from({ length: devices }, () => 1 + 3 * random());
  const latencyOf = (deviceId: string, pointKey: string): number => {
    const { work, noise, isInt8, slow } = truths.get(pointKey)!;
    const speed = speeds[Number(deviceId.slice('device-'.length))]!;
    return speed * (0.1 + work * (isInt8 ? (slow ? 1.6 : 0.5) : slow ? 1.2 : 1)) * Math.exp(0.05 * noise);
  };
  const places = speeds.map((_, i): SearchPlace => {
    const deviceId = `device-${i}`;
    const reference = [2 * latencyOf(deviceId, all[0]!.key), 0.1];
    return { deviceId, deviceType: 'synthetic', emulated: false, reference, points: all };
  });
  return {
    places,
    latencyOf,
    resultOf(deviceId, pointKey, protocol) {
      const result = { pointKey, deviceId, protocol, clean: true, deviceSeconds: seconds[protocol] };
      if (truths.get(pointKey)!.fails) return { ...result, clean: false };
      const value = latencyOf(deviceId, pointKey);
      const wide = protocol === 'quick' ? 0.05 : 0.01;
      const { accuracy } = all.find(({ key }) => key === pointKey)!.screening;
      return {
        ...result,
        metrics: {
          latency_p50_ms: { value, low: value * (1 - wide), high: value * (1 + wide), n: 5, unit: 'ms' },
          accuracy: accuracy!,
        },
      };
    },
  };
}

export type Try = Extract<SearchStep, { kind: 'try' }> & { readonly deviceId: string };

export interface Drive {
  readonly seed: number;
  readonly constraints?: readonly Constraint[];
  /** Trials under way at a place at a time. */
  readonly open?: number;
  readonly most?: number;
  /** Called with every state that is asked about. */
  readonly onState?: (state: SearchState, deviceId: string) => void;
}

/** Searches until every place is done; throws where a sampler waits for nothing, or never ends. */
export function drive(search: SyntheticSearch, sampler: Sampler, options: Drive): readonly Try[] {
  const { seed, constraints = [], open: most = 1, onState } = options;
  const tried: Try[] = [];
  const results: SearchResult[] = [];
  const open: Try[] = [];
  const done = new Set<string>();
  const order = mulberry32(seed);
  while (done.size < search.places.length) {
    const { deviceId } = search.places[Math.floor(order() * search.places.length)]!;
    const own = open.filter((one) => one.deviceId === deviceId);
    const state: SearchState = {
      seed,
      objectives,
      constraints,
      protocol: 'standard',
      places: search.places,
      results: [...results],
      open: [...open],
    };
    onState?.(state, deviceId);
    const next = own.length < most && !done.has(deviceId) ? sampler.next(state, deviceId) : undefined;
    if (next?.kind === 'try') {
      open.push({ ...next, deviceId });
      tried.push({ ...next, deviceId });
      if (tried.length > (options.most ?? 5000)) throw new Error('it does not end');
      continue;
    }
    if (next?.kind === 'done') done.add(deviceId);
    if (next?.kind === 'wait' && own.length === 0) throw new Error('it waits for nothing');
    const ending = own[Math.floor(order() * own.length)];
    if (!ending) continue;
    open.splice(open.indexOf(ending), 1);
    results.push(search.resultOf(deviceId, ending.pointKey, ending.protocol));
  }
  return tried;
}
