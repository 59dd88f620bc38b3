import {
  type ProtocolName,
  type RunError,
  type RunSettings,
  replicatesOf,
  type SweepFile,
  settingsKey,
  type TrialReason,
} from '@hilltop/contracts';
import { budgetNote, type KeptBack, nothingKept, type Spent } from './budget.js';
import type { Sampler } from './samplers/sampler.js';
import { endedOf, factsOf, isOpen, type PlaceFacts, type SearchTrial, searchStateOf } from './search-state.js';
import { controlOf, type PlacePlan, type PlanPoint, placeKeyOf, type SweepPlan } from './sweep-plan.js';
import { stopNote, volumesOf } from './volumes.js';

/** One measures while the next is ready to start. */
const openPerPlace = 2;

/** All that is known of a sweep that runs. */
export interface SweepStanding {
  readonly file: SweepFile;
  readonly plan: SweepPlan;
  readonly trials: readonly SearchTrial[];
  readonly facts: ReadonlyMap<string, PlaceFacts>;
  /** Since it began to run. */
  readonly wallSeconds: number;
}

/** A trial to be made. `error`: it has failed before it began. */
export interface Proposal {
  readonly number: number;
  readonly place: PlacePlan;
  readonly recipe: string;
  readonly settings: RunSettings;
  readonly pointKey: string;
  readonly protocol: ProtocolName;
  readonly replicate: number;
  readonly reason: TrialReason;
  readonly why: string;
  readonly error?: RunError;
}

export interface Decision {
  readonly proposals: readonly Proposal[];
  readonly places: readonly PlacePlan[];
  /** No place has anything left to do. */
  readonly ended: boolean;
  /** A budget of time is used up: what waits for its device is not begun any more. */
  readonly outOfTime?: string;
}

/** What a sweep does next. A function of what is stored alone, so that a restart changes nothing. */
export function decide(standing: SweepStanding, sampler: Sampler): Decision {
  return new Round(standing, sampler).run();
}

/** One round: every place is asked in turn until none has anything to say. */
class Round {
  readonly #trials: SearchTrial[];
  readonly #places: PlacePlan[];
  readonly #proposals: Proposal[] = [];

  constructor(
    private readonly standing: SweepStanding,
    private readonly sampler: Sampler,
  ) {
    this.#trials = [...standing.trials];
    this.#places = [...standing.plan.places];
  }

  run(): Decision {
    // Each step opens, fails or ends something; more than this many would be a sampler that repeats itself.
    let left =
      100 + 4 * this.#places.reduce((sum, place) => sum + factsOf(this.standing.facts, place).points.length, 0);
    for (let moved = true; moved; ) {
      moved = false;
      for (let i = 0; i < this.#places.length; i++) {
        if (!this.#step(i)) continue;
        moved = true;
        if (--left < 0) throw new Error(`the sampler ${this.sampler.name} does not come to an end`);
      }
    }
    const { budget } = this.standing.file;
    const { deviceMinutes, wallMinutes } = budget;
    const outOfTime = budgetNote(
      { ...(deviceMinutes !== undefined && { deviceMinutes }), ...(wallMinutes !== undefined && { wallMinutes }) },
      this.#used(),
      nothingKept,
    );
    return {
      proposals: this.#proposals,
      places: this.#places,
      ended: this.#places.every((place) => place.ended) && !this.#trials.some(isOpen),
      ...(outOfTime !== undefined && { outOfTime }),
    };
  }

  /** Whether something was done at the place. */
  #step(at: number): boolean {
    const place = this.#places[at]!;
    if (place.ended) return false;
    const { file } = this.standing;
    if (file.healthCheck && !place.ready && place.closing === undefined) return false;
    const own = this.#trials.filter((trial) => placeKeyOf(trial) === placeKeyOf(place) && trial.state !== 'skipped');
    const open = own.filter(isOpen).length;
    const control = controlOf(place);
    if (place.closing !== undefined) {
      if (open > 0) return false;
      if (control && owesControl(own) && !budgetNote(file.budget, this.#spent(), nothingKept)) {
        const why = `${control.recipe} once more at the end: what changed meanwhile was the device, not the variants`;
        return this.#try(place, control, file.protocol, 'control', why);
      }
      return this.#set(at, { ended: true });
    }
    if (control && !own.some(({ reason }) => reason === 'control')) {
      const spent = budgetNote(file.budget, this.#spent(), nothingKept);
      if (spent !== undefined) return this.#set(at, { closing: spent });
      return this.#try(
        place,
        control,
        file.protocol,
        'control',
        `${control.recipe} first: what the others are held against`,
      );
    }
    if (open >= openPerPlace) return false;
    const closing = budgetNote(file.budget, this.#spent(), this.#keptBack()) ?? this.#stopNote(place, own);
    if (closing !== undefined) return this.#set(at, { closing });
    return this.#ask(at, place);
  }

  #ask(at: number, place: PlacePlan): boolean {
    const { file, plan, facts } = this.standing;
    const state = searchStateOf(file, plan, place.modelId, facts, this.#trials);
    const step = this.sampler.next(state, place.deviceName);
    switch (step.kind) {
      case 'done':
        return this.#set(at, { closing: step.why.slice(0, 500) });
      case 'wait':
        // Nothing is open that it could wait for.
        return state.open.length === 0 ? this.#set(at, { closing: step.why.slice(0, 500) }) : false;
      case 'try': {
        const point = factsOf(facts, place).points.find(({ key }) => key === step.pointKey);
        if (!point) throw new Error(`the sampler ${this.sampler.name} chose ${step.pointKey}, which is no point here`);
        const isTwice = state.open.some(
          (each) =>
            each.pointKey === step.pointKey && each.deviceId === place.deviceName && each.protocol === step.protocol,
        );
        return isTwice ? false : this.#try(place, point, step.protocol, step.reason, step.why);
      }
    }
  }

  #try(
    place: PlacePlan,
    { key, recipe, settings }: PlanPoint,
    protocol: ProtocolName,
    reason: TrialReason,
    why: string,
  ): boolean {
    const { modelId, deviceId, deviceName } = place;
    const error = factsOf(this.standing.facts, place).refusals.get(recipe);
    const same = this.#trials.filter(
      (trial) => placeKeyOf(trial) === placeKeyOf(place) && trial.pointKey === key && trial.protocol === protocol,
    );
    const replicate = 1 + Math.max(0, ...same.map((trial) => trial.replicate));
    const number = 1 + this.#trials.reduce((most, trial) => Math.max(most, trial.number), 0);
    const common = { number, recipe, pointKey: key, protocol, replicate, reason };
    this.#proposals.push({ ...common, place, settings, why: why.slice(0, 500), ...(error && { error }) });
    this.#trials.push({
      ...common,
      id: '',
      modelId,
      deviceId,
      deviceName,
      settingsKey: settingsKey(settings),
      state: error ? 'failed' : 'proposed',
      metrics: {},
      verdict: null,
      runs: 0,
      deviceSeconds: null,
      endedNumber: null,
    });
    return true;
  }

  #set(at: number, change: Partial<PlacePlan>): boolean {
    const { note: _answered, ...place } = this.#places[at]!;
    this.#places[at] = { ...place, ...change };
    return true;
  }

  #stopNote(place: PlacePlan, own: readonly SearchTrial[]): string | undefined {
    const { file, plan, facts } = this.standing;
    if (!file.stop) return undefined;
    const ended = endedOf(own);
    const objectives = plan.objectives[place.modelId] ?? [];
    return stopNote(ended, volumesOf(ended, file.protocol, objectives, factsOf(facts, place).reference), file);
  }

  /** With what open trials will take, as far as the ended ones tell. */
  #spent(): Spent {
    const open = this.#trials.filter(isOpen).length;
    const { deviceSeconds, ...spent } = this.#used();
    return { ...spent, deviceSeconds: deviceSeconds + open * this.#meanSeconds() };
  }

  #meanSeconds(): number {
    const took = this.#trials.flatMap(({ deviceSeconds }) => (deviceSeconds === null ? [] : [deviceSeconds]));
    return took.length === 0 ? 0 : took.reduce((sum, each) => sum + each, 0) / took.length;
  }

  #used(): Spent {
    return {
      runs: this.#trials.reduce(
        (sum, trial) => sum + (isOpen(trial) ? replicatesOf(this.standing.file, trial.protocol) : trial.runs),
        0,
      ),
      deviceSeconds: this.#trials.reduce((sum, trial) => sum + (trial.deviceSeconds ?? 0), 0),
      wallSeconds: this.standing.wallSeconds,
    };
  }

  /** The last control of each place that has begun. */
  #keptBack(): KeptBack {
    let kept = nothingKept;
    for (const place of this.#places) {
      if (place.ended || place.control === undefined) continue;
      const own = this.#trials.filter((trial) => placeKeyOf(trial) === placeKeyOf(place) && trial.state !== 'skipped');
      const controls = own.filter(({ reason }) => reason === 'control');
      // It is under way already.
      if (place.closing !== undefined && newestOf(own)?.reason === 'control') continue;
      if (controls.length === 0 || controls.every(({ state }) => state === 'failed' || state === 'cancelled')) continue;
      const took = controls.flatMap(({ deviceSeconds }) => (deviceSeconds === null ? [] : [deviceSeconds]));
      const seconds = took.length > 0 ? Math.max(...took) : this.#meanSeconds();
      kept = {
        runs: kept.runs + this.standing.file.replicates,
        deviceSeconds: kept.deviceSeconds + seconds,
        wallSeconds: Math.max(kept.wallSeconds, seconds),
      };
    }
    return kept;
  }
}

const newestOf = (own: readonly SearchTrial[]): SearchTrial | undefined =>
  own.reduce<SearchTrial | undefined>((last, trial) => (last && last.number > trial.number ? last : trial), undefined);

/** Something was measured since the control was, and the control can be measured here. */
function owesControl(own: readonly SearchTrial[]): boolean {
  const measured = own.some(({ reason, state }) => reason === 'control' && state === 'succeeded');
  return measured && newestOf(own)?.reason !== 'control';
}
