/** Time as a parameter: what waits here takes one of these, so that tests decide when time passes. */
export interface Timer {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Calls `run` once after so many milliseconds; the answer cancels it. */
  readonly after: (ms: number, run: () => void) => () => void;
}

export const realTimer: Timer = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timeout = setTimeout(run, ms);
    return () => clearTimeout(timeout);
  },
};
