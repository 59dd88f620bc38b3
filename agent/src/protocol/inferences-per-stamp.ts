/**
 * How many inferences share one time stamp, so that reading the clock costs less than 1 % of what is measured.
 * Above 50 us it is always one. Both in ms.
 */
export function inferencesPerStamp(latencyMs: number, clockMs: number): number {
  return latencyMs >= 0.05 || latencyMs <= 0 ? 1 : Math.max(1, Math.ceil(clockMs / (0.01 * latencyMs)));
}
