import { bootstrapRatio, geometricMean } from './statistics.js';

/** Takes one process's value, such as its p50 in ms. */
export type Take = () => Promise<number>;

/** A B B A -> B's geometric mean over A's; a drift that is linear in time cancels. What was taken goes to `out`. */
export async function quadruple(a: Take, b: Take, out: number[]): Promise<number> {
  const taken: number[] = [];
  for (const take of [a, b, b, a]) taken.push(await take());
  out.push(...taken);
  return geometricMean([taken[1]!, taken[2]!]) / geometricMean([taken[0]!, taken[3]!]);
}

/** Whether the interval of a control's ratios is too wide yet for it to be sure to lie within `within` of 1. */
export function isWide(ratios: readonly number[], within: number): boolean {
  const { low, high } = bootstrapRatio(ratios);
  return (high - low) / 2 > 0.8 * within;
}

/** The control of a session: the same against itself holds 1, and is known well enough to tell `within` apart. */
export function controlHolds({ low, high }: { readonly low: number; readonly high: number }, within: number): boolean {
  return low <= 1 && high >= 1 && low >= 1 - within && high <= 1 + within;
}
