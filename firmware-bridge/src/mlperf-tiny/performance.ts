/** One timed loop of the benchmark: so many inferences in so many microseconds. */
export interface TinyLoop {
  readonly inferences: number;
  readonly microseconds: number;
}

/** What a loop is made longer by, so that it does not come out a little too short. */
const spare = 1.05;

/** Inferences that make a loop of `seconds`, and a little more. */
export function inferencesForLoop(microsecondsEach: number, seconds: number): number {
  return Math.max(1, Math.ceil((seconds * 1e6 * spare) / microsecondsEach));
}
