import { relativeVolume } from '@hilltop/server/dist/frontier/reference-point.js';
import type { Sampler, SearchResult, SearchState } from '@hilltop/server/dist/sweeps/samplers/sampler.js';
import { objectives, type ReplayPlace, type ReplayProtocol } from './search-space.js';

/** How one search went at one place. */
export interface Replay {
  readonly model: string;
  readonly device: string;
  /** Device time until the frontier of final results held the share of the exhaustive volume; absent: it ended before. */
  readonly secondsToShare?: number;
  readonly seconds: number;
  readonly finalShare: number;
  readonly quickTrials: number;
  readonly trials: number;
  /** Most processor time that one choice took, ms. */
  readonly slowestChoiceMs: number;
}

/** Volume of the reported values of points; undefined where none counts. */
const volumeOf = (place: ReplayPlace, values: readonly (readonly number[])[]): number =>
  relativeVolume(values, place.control.values, place.corner, objectives) ?? 0;

/** Everything measured: what a search is held against. */
export const exhaustiveVolume = (place: ReplayPlace): number =>
  volumeOf(
    place,
    place.place.points.map(({ key }) => place.runOf(key, 'standard').reported),
  );

export const exhaustiveSeconds = (place: ReplayPlace): number =>
  place.place.points.reduce((sum, { key }) => sum + place.runOf(key, 'standard').seconds, 0);

/**
 * Searches one model on all its devices at once, each in its own time: whichever is free next chooses, and knows what has ended by then. The control
 * comes first everywhere, as the engine has it. `share`: of the exhaustive volume.
 */
export function replay(places: readonly ReplayPlace[], sampler: Sampler, seed: number, share: number): Replay[] {
  const seats = places.map((place) => new Seat(place, share));
  const ended: (SearchResult & { readonly at: number })[] = [];
  for (;;) {
    const seat = seats.filter((one) => !one.done).sort((a, b) => a.now - b.now)[0];
    if (!seat) return seats.map((one) => one.replay());
    const state = (now: number): SearchState => ({
      seed,
      objectives,
      constraints: [],
      protocol: 'standard',
      places: places.map(({ place }) => place),
      results: ended.filter(({ at }) => at <= now),
      open: seats.flatMap((one) => (one !== seat && one.running ? [one.running] : [])),
    });
    const result = seat.step(sampler, state);
    if (result) ended.push(result);
  }
}

class Seat {
  now = 0;
  done = false;
  running: Pick<SearchResult, 'pointKey' | 'deviceId' | 'protocol'> | undefined;
  private readonly final = new Map<string, readonly number[]>();
  private readonly exhaustive: number;
  private secondsToShare: number | undefined;
  private quickTrials = 0;
  private trials = 0;
  private slowestChoiceMs = 0;

  constructor(
    private readonly place: ReplayPlace,
    private readonly share: number,
  ) {
    this.exhaustive = exhaustiveVolume(place);
  }

  /** Chooses, and runs at once: the result counts from when it ends. */
  step(sampler: Sampler, state: (now: number) => SearchState): (SearchResult & { readonly at: number }) | undefined {
    const { deviceId } = this.place.place;
    if (this.trials === 0) return this.run(this.place.control.key, 'standard', deviceId);
    const before = process.cpuUsage();
    const next = sampler.next(state(this.now), deviceId);
    this.slowestChoiceMs = Math.max(this.slowestChoiceMs, process.cpuUsage(before).user / 1000);
    if (next.kind !== 'try') {
      this.done = true;
      return undefined;
    }
    return this.run(next.pointKey, next.protocol as ReplayProtocol, deviceId);
  }

  private run(pointKey: string, protocol: ReplayProtocol, deviceId: string): SearchResult & { readonly at: number } {
    const { seen, reported, seconds } = this.place.runOf(pointKey, protocol);
    this.now += seconds;
    this.trials += 1;
    this.running = { pointKey, deviceId, protocol };
    if (protocol === 'quick') this.quickTrials += 1;
    else this.final.set(pointKey, reported);
    if (this.secondsToShare === undefined && this.reached() >= this.share) this.secondsToShare = this.now;
    return { pointKey, deviceId, protocol, metrics: seen, clean: true, deviceSeconds: seconds, at: this.now };
  }

  private reached(): number {
    return volumeOf(this.place, [...this.final.values()]) / this.exhaustive;
  }

  replay(): Replay {
    const { model, device } = this.place;
    return {
      model,
      device,
      ...(this.secondsToShare !== undefined && { secondsToShare: this.secondsToShare }),
      seconds: this.now,
      finalShare: this.reached(),
      quickTrials: this.quickTrials,
      trials: this.trials,
      slowestChoiceMs: this.slowestChoiceMs,
    };
  }
}
