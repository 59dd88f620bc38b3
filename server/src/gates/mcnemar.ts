import { binomialCdf, type Interval, normalQuantile975 } from '@hilltop/contracts';

export interface McNemar extends Interval {
  /** Items that only the first, and only the second, got right. */
  readonly lost: number;
  readonly won: number;
  /** Two-sided, exact: binomial on the discordant items. */
  readonly p: number;
  /** Half of the interval's width that belongs to one standard normal quantile. */
  readonly deviation: number;
}

/**
 * Difference of two shares over the same items (after - before), one byte an item, 0 or 1. Interval: Bonett and Price
 * (2012), which holds for few discordant items, too. Throws nothing; both must be equally long and not empty.
 */
export function mcNemar(before: Uint8Array, after: Uint8Array): McNemar {
  const n = before.length;
  let lost = 0;
  let won = 0;
  for (let i = 0; i < n; i++) {
    if (before[i]! > after[i]!) lost += 1;
    else if (before[i]! < after[i]!) won += 1;
  }
  const value = (won - lost) / n;
  const [up, down] = [(won + 1) / (n + 2), (lost + 1) / (n + 2)];
  const deviation = Math.sqrt((up + down - (up - down) ** 2) / (n + 2));
  const half = normalQuantile975 * deviation;
  return {
    lost,
    won,
    value,
    low: Math.min(value, Math.max(-1, up - down - half)),
    high: Math.max(value, Math.min(1, up - down + half)),
    p: Math.min(1, 2 * binomialCdf(Math.min(lost, won), lost + won, 0.5)),
    deviation,
  };
}
