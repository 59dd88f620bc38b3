/** One timed loop of the benchmark: so many inferences in so many microseconds. */
export interface TinyLoop {
  readonly inferences: number;
  readonly microseconds: number;
}

/** MLPerf Tiny's rule for performance: exactly 5 loops, each of at least 10 s, and their median. */
export const tinyRule = { loops: 5, seconds: 10 } as const;

export interface TinyPerformance {
  /** Median of the loops. */
  readonly inferencesPerSecond: number;
  readonly latencyMs: number;
  /** Why it does not count; empty when it does. */
  readonly faults: readonly TinyFault[];
}
export type TinyFault =
  | { readonly fault: 'loops'; readonly loops: number }
  | { readonly fault: 'too-short'; readonly loop: number; readonly seconds: number };

/** Throws RangeError without any loop, or for one without inferences or time. */
export function tinyPerformance(loops: readonly TinyLoop[]): TinyPerformance {
  if (loops.length === 0) throw new RangeError('no loops');
  const rates = loops.map(({ inferences, microseconds }) => {
    if (!(inferences > 0 && microseconds > 0)) throw new RangeError('a loop without inferences or time');
    return (inferences * 1e6) / microseconds;
  });
  const sorted = rates.sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  const short = loops.flatMap((loop, i): TinyFault[] =>
    loop.microseconds < tinyRule.seconds * 1e6
      ? [{ fault: 'too-short', loop: i, seconds: loop.microseconds / 1e6 }]
      : [],
  );
  return {
    inferencesPerSecond: median,
    latencyMs: 1000 / median,
    faults: [...(loops.length === tinyRule.loops ? [] : [{ fault: 'loops' as const, loops: loops.length }]), ...short],
  };
}

/** Inferences that make a loop long enough, with 5 % to spare. */
export function inferencesForLoop(microsecondsEach: number, seconds: number = tinyRule.seconds): number {
  return Math.max(1, Math.ceil((seconds * 1e6 * 1.05) / microsecondsEach));
}
