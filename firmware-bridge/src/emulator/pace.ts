/**
 * Holds emulation back to a highest speed. What ran ahead of the clock on the wall is waited for before anything more runs, asleep in
 * between or not; time in which nothing ran is not made up for.
 */
export class Pace {
  readonly #cyclesPerMs: number;
  /** When all that ran so far should be over, in ms of the wall's clock. */
  #due = Number.NEGATIVE_INFINITY;

  /** `megahertz`: million cycles per second on the wall; undefined: no limit. */
  constructor(megahertz: number | undefined) {
    this.#cyclesPerMs = (megahertz ?? Number.POSITIVE_INFINITY) * 1000;
  }

  /** Cycles that last so many milliseconds at this speed: at least one, Infinity without a limit. */
  cyclesIn(ms: number): number {
    return Math.max(1, Math.round(ms * this.#cyclesPerMs));
  }

  /** Takes down that `cycles` were run, the first of them at `startMs`. */
  ran(cycles: number, startMs: number): void {
    this.#due = Math.max(this.#due, startMs) + cycles / this.#cyclesPerMs;
  }

  /** How long to wait, at `nowMs`, before more may run. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#due - nowMs);
  }
}
