import { earlyStoppingDiscard, type Protocol } from '@hilltop/contracts';

/** When a block may end: both minima are reached. */
export interface BlockRule {
  readonly minMs: number;
  readonly minInferences: number;
  /** Waits, with the model loaded, for the device's idle power: before the warm-up, and after the loop. */
  readonly idleBeforeMs?: number;
  readonly idleAfterMs?: number;
}

/**
 * Fewest inferences in all with which LoadGen's early stopping gives an estimate: at least one value must be
 * discardable (t >= 1). It depends on the count alone: 64 for p90 and 662 for p99 at 99 % confidence.
 */
export function earlyStoppingMinimum(percentile: number, confidence: number): number {
  const enough = (n: number): boolean => (earlyStoppingDiscard(n, percentile, confidence) ?? 0) >= 1;
  let high = 1;
  while (!enough(high)) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Rule of block number `block` (from 0) after `inferencesBefore` in the earlier ones: the last one makes early stopping hold. */
export function blockRule(protocol: Protocol, block: number, inferencesBefore: number): BlockRule {
  const last = block === protocol.blocks - 1;
  const wanted =
    last && protocol.earlyStopping
      ? earlyStoppingMinimum(protocol.earlyStopping.percentile, protocol.earlyStopping.confidence) - inferencesBefore
      : 0;
  return { minMs: protocol.blockMinMs, minInferences: Math.max(protocol.blockMinInferences, wanted) };
}
