import { counterDifference, energySensors, type Sensor } from '@hilltop/contracts';

/** [time since the first reading ms, least, mean, highest W]: what a screen draws of 100 ms. */
export type PowerBucket = [number, number, number, number];

const bucketMs = 100;

interface Gathered {
  minW: number;
  maxW: number;
  /** Of the weights, and of the powers by their weights. */
  weight: number;
  sum: number;
}

/**
 * Cuts the power of what a run's energy is taken from into buckets of 100 ms on the clock of its readings, extremes kept; parts of one
 * supply are added. A bucket ends once each part has told something in it; where nothing comes there is none.
 */
export class LivePower {
  /** Place in `sensors` -> what the open bucket has of it. */
  private readonly parts: ReadonlyMap<number, Gathered>;
  private readonly counters = new Map<number, { readonly atMs: number; readonly joules: number }>();
  private originMs: number | undefined;
  private openFrom = 0;
  private ready: PowerBucket[] = [];

  constructor(private readonly sensors: readonly Sensor[]) {
    this.parts = new Map(energySensors(sensors).map((place) => [place, nothing()]));
  }

  /** A reading of any sensor, in its unit, at a moment of its clock. */
  reading(place: number, atMs: number, value: number): void {
    const sensor = this.sensors[place];
    if (!sensor || !this.parts.has(place)) return;
    if (sensor.quantity === 'power') {
      this.interval(place, atMs, atMs, value, value, value);
      return;
    }
    const before = this.counters.get(place);
    this.counters.set(place, { atMs, joules: value });
    if (!before || atMs <= before.atMs) return;
    const watts = (1000 * counterDifference(sensor, before.joules, value)) / (atMs - before.atMs);
    // A counter that started anew says nothing of the time before.
    if (watts >= 0) this.interval(place, before.atMs, atMs, watts, watts, watts);
  }

  /** Power over an interval, with its extremes. */
  interval(place: number, startMs: number, endMs: number, meanW: number, minW: number, maxW: number): void {
    const part = this.parts.get(place);
    if (!part) return;
    const atMs = (startMs + endMs) / 2;
    if (this.originMs === undefined) {
      this.originMs = startMs;
      this.openFrom = startMs;
    }
    if (atMs >= this.openFrom + bucketMs) this.close(atMs);
    const weight = endMs > startMs ? endMs - startMs : 1;
    part.minW = Math.min(part.minW, minW);
    part.maxW = Math.max(part.maxW, maxW);
    part.weight += weight;
    part.sum += meanW * weight;
  }

  /** Buckets that are complete since the last call, at most `limit`, the newest. */
  take(limit = 50): PowerBucket[] {
    const out = this.ready.slice(-limit);
    this.ready = [];
    return out;
  }

  private close(nextMs: number): void {
    const parts = [...this.parts.values()];
    if (parts.some(({ weight }) => weight === 0)) return;
    const total = (of: (part: Gathered) => number): number => parts.reduce((sum, part) => sum + of(part), 0);
    this.ready.push([
      this.openFrom - this.originMs!,
      total(({ minW }) => minW),
      total(({ sum, weight }) => sum / weight),
      total(({ maxW }) => maxW),
    ]);
    if (this.ready.length > mostReady) this.ready.shift();
    for (const part of parts) Object.assign(part, nothing());
    // On the grid of the first, so that a late reading does not move all that follow.
    this.openFrom += Math.floor((nextMs - this.openFrom) / bucketMs) * bucketMs;
  }
}

/** Nobody takes them before the first progress of a run is told. */
const mostReady = 50;

const nothing = (): Gathered => ({
  minW: Number.POSITIVE_INFINITY,
  maxW: Number.NEGATIVE_INFINITY,
  weight: 0,
  sum: 0,
});
