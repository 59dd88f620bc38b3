import type { ProtocolName } from '@hilltop/contracts';
import { breaks } from './axes.js';
import type { SearchPlace, SearchPoint, SearchResult, SearchState } from './sampler.js';

/** What has been tried at one place. */
export interface PlaceStanding {
  readonly place: SearchPlace;
  /** Of each point the result that counts under a protocol: the newest clean one, else the newest. */
  readonly resultOf: (pointKey: string, protocol: ProtocolName) => SearchResult | undefined;
  readonly timesMeasured: (pointKey: string, protocol: ProtocolName) => number;
  readonly hasFailed: (pointKey: string) => boolean;
  readonly isOpen: (pointKey: string) => boolean;
  readonly open: number;
  /** Anything at all, also what failed. */
  readonly results: readonly SearchResult[];
}

/** Throws where the device is none of the places: the engine's mistake. */
export function standingOf(state: SearchState, deviceId: string): PlaceStanding {
  const place = state.places.find((one) => one.deviceId === deviceId);
  if (!place) throw new Error(`${deviceId} is no place of this search`);
  const results = state.results.filter((result) => result.deviceId === deviceId);
  const counted = byProtocol<SearchResult>();
  const times = byProtocol<number>();
  const failed = new Set<string>();
  for (const result of results) {
    if (!result.metrics) {
      failed.add(result.pointKey);
      continue;
    }
    const { pointKey, protocol } = result;
    times[protocol].set(pointKey, 1 + (times[protocol].get(pointKey) ?? 0));
    if (result.clean || !counted[protocol].get(pointKey)?.clean) counted[protocol].set(pointKey, result);
  }
  const open = new Set(state.open.filter((one) => one.deviceId === deviceId).map((one) => one.pointKey));
  return {
    place,
    resultOf: (pointKey, protocol) => counted[protocol].get(pointKey),
    timesMeasured: (pointKey, protocol) => times[protocol].get(pointKey) ?? 0,
    hasFailed: (pointKey) => failed.has(pointKey),
    isOpen: (pointKey) => open.has(pointKey),
    open: open.size,
    results,
  };
}

const byProtocol = <T>(): Record<ProtocolName, Map<string, T>> => ({
  quick: new Map(),
  standard: new Map(),
  strict: new Map(),
});

/** Points that may still be measured under the final protocol: what breaks a constraint beforehand comes last. */
export function untried(state: SearchState, standing: PlaceStanding): SearchPoint[] {
  const left = standing.place.points.filter(
    ({ key }) => !standing.resultOf(key, state.protocol) && !standing.hasFailed(key) && !standing.isOpen(key),
  );
  const broken = (point: SearchPoint): boolean => breaks(state.constraints, point.screening);
  return [...left.filter((point) => !broken(point)), ...left.filter(broken)];
}

/** The recipe that everything is held against. */
const controlRecipe = 'fp32';

/** The control, where it is a point here and nothing has been tried yet. */
export function firstOf(standing: PlaceStanding): SearchPoint | undefined {
  if (standing.results.length > 0 || standing.open > 0) return undefined;
  return standing.place.points.find(({ recipe }) => recipe === controlRecipe);
}
