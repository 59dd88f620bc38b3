import { mulberry32 } from '@hilltop/contracts';

// A global is a slow look-up where tests run, and this is asked a hundred thousand times a second.
const { sin, PI } = Math;

export interface SyntheticLoadOptions {
  readonly seed: number;
  /** What the device takes when it does nothing, W. */
  readonly idleW: number;
  /** Standard deviation of the noise, relative. */
  readonly noise?: number;
  /** Keeps what was truly taken, for `energyJ`; without it hours cost no memory. */
  readonly keepTruth?: boolean;
}

/** Ripple of a regulator or a scheduler, relative. */
const ripple = 0.02;
/** Truth is kept so finely, ms. */
const truthMs = 1;

/**
 * What a synthetic device takes: an idle level, a load on top that is switched, ripple and noise. Whoever reads it asks at times that only go
 * on; between two of them it takes what it took at the first.
 */
export class SyntheticLoad {
  private readonly random: () => number;
  private readonly rippleHz: number;
  private readonly phase: number;
  private readonly spread: number;
  private readonly changes: Array<{ readonly atMs: number; readonly watts: number }> = [];
  private loadW = 0;
  private lastMs = Number.NaN;
  private lastW = 0;
  private joules = 0;
  private readonly truth: { readonly ms: number[]; readonly joules: number[] } = { ms: [], joules: [] };

  constructor(private readonly options: SyntheticLoadOptions) {
    this.random = mulberry32(options.seed);
    this.rippleHz = 20 + 400 * this.random();
    this.phase = 2 * Math.PI * this.random();
    // Of a uniform distribution with that standard deviation.
    this.spread = (options.noise ?? 0.03) * Math.sqrt(12);
  }

  /** From `atMs` on the load takes so much on top of idle, W. */
  setLoad(watts: number, atMs: number): void {
    this.changes.push({ atMs, watts });
  }

  /** W at a time, which goes on from call to call. */
  powerAt(ms: number): number {
    while (this.changes.length > 0 && this.changes[0]!.atMs <= ms) this.loadW = this.changes.shift()!.watts;
    const level = this.options.idleW + this.loadW;
    const wave = ripple * sin((2 * PI * this.rippleHz * ms) / 1000 + this.phase);
    const watts = level * (1 + wave + this.spread * (this.random() - 0.5));
    if (ms > this.lastMs) this.joules += (this.lastW * (ms - this.lastMs)) / 1000;
    this.lastMs = ms;
    this.lastW = watts;
    if (this.options.keepTruth) this.keep(ms);
    return watts;
  }

  /** What was truly taken in all, J. */
  get takenJ(): number {
    return this.joules;
  }

  /** What was truly taken between two times that have gone by, J. Needs `keepTruth`. */
  energyJ(fromMs: number, toMs: number): number {
    return this.takenAt(toMs) - this.takenAt(fromMs);
  }

  private keep(ms: number): void {
    const times = this.truth.ms;
    if (times.length > 0 && ms - times.at(-1)! < truthMs) return;
    times.push(ms);
    this.truth.joules.push(this.joules);
  }

  private takenAt(ms: number): number {
    const { ms: times, joules } = this.truth;
    let low = 0;
    let high = times.length - 1;
    if (high < 1 || ms < times[0]! || ms > times[high]!) throw new RangeError(`${ms} ms is not in the trace`);
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle]! <= ms) low = middle;
      else high = middle;
    }
    const part = (ms - times[low]!) / (times[high]! - times[low]!);
    return joules[low]! + part * (joules[high]! - joules[low]!);
  }
}
