import type { Timer } from '@hilltop/firmware-bridge';
import type { SyntheticLoad } from './synthetic-load.js';

const stepMs = 20;
const second = 1000;

/** The metering inside a simulated plug: once a second it shows the mean power of that second, and what has gone through it. */
export class PlugDisplay {
  private readonly startedMs: number;
  private steps = 0;
  private shownS = 0;
  private joulesBefore = 0;
  private hangs = false;
  private counterOffsetJ = 0;
  /** Of the second before the last full one, W. */
  watts = 0;
  /** Counted since it was made, J. */
  joules = 0;
  /** Full seconds of its own clock. */
  seconds = 0;

  constructor(
    private readonly load: SyntheticLoad,
    private readonly timer: Timer,
  ) {
    this.startedMs = timer.now();
  }

  /** Lets it catch up with the time. */
  refresh(): void {
    const elapsed = this.timer.now() - this.startedMs;
    while ((this.steps + 1) * stepMs <= elapsed) {
      this.load.powerAt(this.startedMs + ++this.steps * stepMs);
      const full = Math.floor((this.steps * stepMs) / second);
      if (full === this.shownS) continue;
      this.shownS = full;
      const taken = this.load.takenJ;
      if (!this.hangs) {
        this.watts = taken - this.joulesBefore;
        this.joules = taken + this.counterOffsetJ;
        this.seconds = full;
      }
      this.joulesBefore = taken;
    }
  }

  /** Shows what it shows for ever. */
  freeze(): void {
    this.hangs = true;
  }

  /** Its counter starts again from nothing. */
  resetCounter(): void {
    this.counterOffsetJ = -this.load.takenJ;
    this.joules = 0;
  }
}

/** What its little server answers. */
export interface PlugAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A plug that answers requests of `GET`. */
export interface SimulatedPlug {
  readonly display: PlugDisplay;
  readonly respond: (url: URL, authorization: string | undefined) => PlugAnswer;
}

export const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));
