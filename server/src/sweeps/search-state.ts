import {
  type MetricId,
  type MetricRow,
  type MetricValues,
  metrics as metricTable,
  parseConstraint,
  type RunError,
  type SweepFile,
} from '@hilltop/contracts';
import type { SearchPlace, SearchPoint, SearchResult, SearchState } from './samplers/sampler.js';
import { type PlacePlan, placeKeyOf, type SweepPlan } from './sweep-plan.js';
import type { TrialEntity } from './trial.entity.js';
import type { Reference } from './volumes.js';

/** What is known of a place beside the plan. */
export interface PlaceFacts {
  readonly points: readonly SearchPoint[];
  /** Recipe -> why its points fail without a run: their variant could not be built, or has gone. */
  readonly refusals: ReadonlyMap<string, RunError>;
  readonly reference?: Reference;
}

/** A trial as the search sees it. */
export type SearchTrial = Pick<
  TrialEntity,
  | 'id'
  | 'number'
  | 'modelId'
  | 'deviceId'
  | 'deviceName'
  | 'recipe'
  | 'pointKey'
  | 'settingsKey'
  | 'protocol'
  | 'replicate'
  | 'state'
  | 'reason'
  | 'metrics'
  | 'verdict'
  | 'runs'
  | 'deviceSeconds'
  | 'endedNumber'
>;

export const isOpen = ({ state }: Pick<TrialEntity, 'state'>): boolean => state === 'proposed' || state === 'running';

/** Ended trials in the order in which they came; what was skipped is as if it had never been. */
export const endedOf = <T extends Pick<TrialEntity, 'state' | 'endedNumber'>>(trials: readonly T[]): T[] =>
  trials
    .filter((trial) => !isOpen(trial) && trial.state !== 'skipped')
    .sort((a, b) => (a.endedNumber ?? Number.MAX_SAFE_INTEGER) - (b.endedNumber ?? Number.MAX_SAFE_INTEGER));

/**
 * All that a sampler may look at, for one model. Devices go by their names there: ids are drawn anew in every lab, and what is
 * chosen must depend on the seed alone.
 */
export function searchStateOf(
  file: Pick<SweepFile, 'sampler' | 'constraints' | 'protocol'>,
  plan: SweepPlan,
  modelId: string,
  facts: ReadonlyMap<string, PlaceFacts>,
  trials: readonly SearchTrial[],
): SearchState {
  const own = plan.places.filter((place) => place.modelId === modelId);
  const names = new Map(own.map(({ deviceId, deviceName }) => [deviceId, deviceName]));
  const nameOf = (trial: SearchTrial): string => names.get(trial.deviceId) ?? trial.deviceName;
  const known = new Map<string, SearchPoint>();
  for (const place of own) for (const point of factsOf(facts, place).points) known.set(point.key, point);
  // A changed file may have taken points away that were measured before.
  const relevant = trials.filter((trial) => trial.modelId === modelId && known.has(trial.pointKey));
  return {
    seed: file.sampler.seed,
    objectives: plan.objectives[modelId] ?? [],
    constraints: file.constraints.map(parseConstraint),
    protocol: file.protocol,
    places: own.map((place): SearchPlace => {
      const { points, reference } = factsOf(facts, place);
      const { deviceName, deviceType, emulated } = place;
      return { deviceId: deviceName, deviceType, emulated, points, ...(reference && { reference: reference.corner }) };
    }),
    results: endedOf(relevant).map((trial): SearchResult => {
      const { pointKey, protocol } = trial;
      return {
        pointKey,
        deviceId: nameOf(trial),
        protocol,
        ...(trial.state === 'succeeded' && {
          metrics: withScreenedQuality(trial.metrics, known.get(pointKey)!.screening),
        }),
        clean: trial.verdict === 'clean',
        deviceSeconds: trial.deviceSeconds ?? 0,
      };
    }),
    open: relevant
      .filter(isOpen)
      .map((trial) => ({ pointKey: trial.pointKey, deviceId: nameOf(trial), protocol: trial.protocol })),
  };
}

export function factsOf(facts: ReadonlyMap<string, PlaceFacts>, place: PlacePlan): PlaceFacts {
  return facts.get(placeKeyOf(place)) ?? { points: [], refusals: new Map() };
}

/**
 * Nothing is chosen on the set that is reported: where quality is known from validation data, that is what the search sees, and
 * what the device made of the other set is for people and gates alone.
 */
function withScreenedQuality(measured: MetricValues, screening: MetricValues): MetricValues {
  const quality = Object.entries(screening).filter(
    ([id]) => (metricTable[id as MetricId] as MetricRow).source === 'quality',
  );
  return { ...measured, ...Object.fromEntries(quality) };
}
