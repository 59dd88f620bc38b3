import type { Figure } from './bench.js';
import { bootstrapRatio, deviation, geometricMean, type Interval } from './statistics.js';

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

export interface Compared {
  readonly ratios: readonly number[];
  /** Of the session with itself, and what was taken for it, ms. */
  readonly controlRatios: readonly number[];
  readonly control: readonly number[];
}

/** Pure: the figures that every comparison has, and whether its own control lets anything be said. */
export function comparisonFigures(
  { ratios, controlRatios, control }: Compared,
  {
    what,
    bare,
    limit,
    within,
  }: { readonly what: string; readonly bare: string; readonly limit: number; readonly within: number },
): { readonly figures: Figure[]; readonly holds: boolean; readonly note: string } {
  const ratio = bootstrapRatio(ratios);
  const known = bootstrapRatio(controlRatios);
  const figure = (title: string, interval: Interval): Figure => ({
    what: title,
    ...interval,
    unit: '',
    n: ratios.length,
  });
  const holds = controlHolds(known, within);
  return {
    figures: [
      figure(`${what}, geometric mean`, ratio),
      {
        what: 'its upper 95 % (bootstrap over pairs)',
        value: ratio.high,
        unit: '',
        bound: { op: '<=', value: limit },
      },
      figure(`control: ${bare} / ${bare}`, known),
      { what: bare, value: geometricMean(control), unit: 'ms', n: control.length },
      {
        what: `spread of ${bare} between processes (log sd)`,
        value: 100 * deviation(control.map(Math.log)),
        unit: '%',
      },
    ],
    holds,
    note: holds
      ? `the control holds 1 and lies within ${100 * within} %`
      : `the control does not hold 1 within ${100 * within} %: the machine was not quiet enough to say`,
  };
}
