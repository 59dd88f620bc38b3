import { normalQuantile975 } from '@hilltop/contracts';

/** A value with its 95 % interval, where statistics gives one. */
export interface Estimate {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

/**
 * Normal 95 % interval, cut to where values can lie. Without a spread (`standardError` 0 or unknown) there is none: it would
 * claim certainty.
 */
export function normalInterval(value: number, standardError: number, least = -Infinity, most = Infinity): Estimate {
  if (!(standardError > 0)) return { value };
  const half = normalQuantile975 * standardError;
  return { value, low: Math.max(least, value - half), high: Math.min(most, value + half) };
}
