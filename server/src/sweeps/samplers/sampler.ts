import type {
  Constraint,
  MetricValues,
  Objective,
  ProtocolName,
  RunSettings,
  SamplerName,
  TrialReason,
} from '@hilltop/contracts';

/** What can be tried: a recipe of a model under run settings. */
export interface SearchPoint {
  /** Stable text of model, recipe and settings. */
  readonly key: string;
  readonly recipe: string;
  readonly settings: RunSettings;
  /** Known before any device ran it: quality on validation data, `size_bytes`, `activation_peak_bytes`, `macs` ... */
  readonly screening: MetricValues;
  /** Passes of the recipe with their parameters, for what resembles what. */
  readonly features: Readonly<Record<string, number | string>>;
}

/** One model on one device. */
export interface SearchPlace {
  readonly deviceId: string;
  /** Devices of a type should measure alike: what is known of one guides the next. */
  readonly deviceType: string;
  readonly emulated: boolean;
  /** The reference point of its hypervolume, in the order of the objectives; absent before the first fp32 run. */
  readonly reference?: readonly number[];
  /** Points that may be tried here, in the order of the grid. */
  readonly points: readonly SearchPoint[];
}

/** A finished trial. */
export interface SearchResult {
  readonly pointKey: string;
  readonly deviceId: string;
  readonly protocol: ProtocolName;
  /** Absent where it failed: the point is not tried again there. */
  readonly metrics?: MetricValues;
  readonly clean: boolean;
  /** Time in which it held the device. */
  readonly deviceSeconds: number;
}

/** All that a sampler may look at: what it says next is a function of this alone, so a restart changes nothing. */
export interface SearchState {
  readonly seed: number;
  readonly objectives: readonly Objective[];
  readonly constraints: readonly Constraint[];
  /** Under which a result counts. */
  readonly protocol: ProtocolName;
  /** Of one model; `results` may be of devices that are not among them any more. */
  readonly places: readonly SearchPlace[];
  /** In the order in which they came. */
  readonly results: readonly SearchResult[];
  /** Proposed, not yet finished. */
  readonly open: ReadonlyArray<Pick<SearchResult, 'pointKey' | 'deviceId' | 'protocol'>>;
}

export type SearchStep =
  | {
      readonly kind: 'try';
      readonly pointKey: string;
      readonly protocol: ProtocolName;
      readonly reason: TrialReason;
      readonly why: string;
    }
  /** Nothing to try here until an open trial has ended. */
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'done'; readonly why: string };

/** Chooses what is tried next at a place. Pure. */
export interface Sampler {
  readonly name: SamplerName;
  next(state: SearchState, deviceId: string): SearchStep;
}
