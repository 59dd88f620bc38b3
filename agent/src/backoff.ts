/** How one connection went, from the first packet to its close. */
export type LinkOutcome =
  /** Never got through. */
  | { readonly kind: 'unreachable' }
  /** The broker refused who we are. */
  | { readonly kind: 'rejected' }
  | { readonly kind: 'closed'; readonly connectedMs: number };

export interface BackoffState {
  /** Failures in a row. */
  readonly failures: number;
  /** Closes shortly after connecting, in a row: something we say makes the broker close. */
  readonly shortCloses: number;
}

export const freshBackoff: BackoffState = { failures: 0, shortCloses: 0 };
const longestMs = 60_000;
const shortMs = 5_000;
const poisonCloses = 3;

export interface BackoffStep {
  readonly state: BackoffState;
  readonly delayMs: number;
  /** The link is refused rather than down: to be reported as `link.rejected`. */
  readonly rejected: boolean;
}

/**
 * Exponential backoff 1 to 60 s with full jitter, so that a fleet does not return in one wave; the first retry
 * is quick. After three closes within 5 s of connecting, or a refusal, it waits the longest. `random` in [0, 1).
 */
export function nextBackoff(state: BackoffState, outcome: LinkOutcome, random: number): BackoffStep {
  if (outcome.kind === 'closed' && outcome.connectedMs >= shortMs) {
    return { state: { failures: 1, shortCloses: 0 }, delayMs: random * 1000, rejected: false };
  }
  const failures = state.failures + 1;
  const shortCloses = outcome.kind === 'closed' ? state.shortCloses + 1 : 0;
  const next = { failures, shortCloses };
  if (shortCloses >= poisonCloses) return { state: next, delayMs: longestMs, rejected: true };
  // A refusal may be about our clock: one quick second try, then the longest wait.
  if (outcome.kind === 'rejected')
    return { state: next, delayMs: failures < 2 ? 500 : longestMs, rejected: failures >= 2 };
  const ceiling = Math.min(longestMs, 1000 * 2 ** (failures - 1));
  return { state: next, delayMs: random * ceiling, rejected: false };
}
