export interface Sample {
  readonly atMs: number;
  readonly celsius: number;
}

/** Warmer than the coolest known by this much is cool enough, K. */
export const marginK = 2;
/** A run waits no longer, ms. */
export const longestMs = 600_000;
/** A device that lost less than `steadyK` in this time does not get cooler: the room has become warmer, ms. */
const steadyMs = 120_000;
const steadyK = 0.5;

/**
 * Pure: how a cool-down stands, from its temperatures so far, oldest first, and the coolest known before it. `cool`: within 2 K of that;
 * `steady`: it does not get cooler than now; `timed-out`: after ten minutes.
 */
export function coolDownState(samples: readonly Sample[], coolestC: number): 'wait' | 'cool' | 'steady' | 'timed-out' {
  const last = samples.at(-1);
  if (!last) return 'wait';
  if (last.celsius <= coolestC + marginK) return 'cool';
  const before = samples.findLast(({ atMs }) => last.atMs - atMs >= steadyMs);
  if (before && before.celsius - last.celsius < steadyK) return 'steady';
  return last.atMs - samples[0]!.atMs >= longestMs ? 'timed-out' : 'wait';
}
