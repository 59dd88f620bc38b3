import type { ComparisonMethod, MetricChange } from '@hilltop/contracts';

export interface ChangeDraws {
  readonly difference: number;
  /** Absent where a ratio means nothing. */
  readonly ratio?: number;
  /** One replicate each, in the same order; a ratio is above 1 where its difference is above 0. */
  readonly differences: Float64Array;
  readonly ratios?: Float64Array;
  readonly method: ComparisonMethod;
  readonly pairs?: number;
  /** Another 95 % interval of the difference than the percentiles of its draws. */
  readonly interval?: { readonly low: number; readonly high: number };
  readonly direction: 'min' | 'max';
}

/** What draws come to. Where all of them are the value itself, nothing was chance: `exact`. */
export function changeOf(draws: ChangeDraws): MetricChange {
  const { difference, ratio, differences, ratios, direction } = draws;
  const { low, high } = draws.interval ?? percentiles(differences, difference);
  const isExact = low === high && difference === low;
  let [above, below] = [0, 0];
  for (const each of differences) {
    if (each > 0) above += 1;
    else if (each < 0) below += 1;
  }
  const [better, worse] = direction === 'max' ? [above, below] : [below, above];
  return {
    difference: { value: difference, low, high },
    ...(ratio !== undefined && ratios && { ratio: { value: ratio, ...percentiles(ratios, ratio) } }),
    method: isExact && draws.method === 'processes' ? 'exact' : draws.method,
    ...(draws.pairs !== undefined && { pairs: draws.pairs }),
    redraws: { better, worse, of: differences.length },
    shown: low > 0 || high < 0,
  };
}

/** The same seen from the other point: differences change their sign, ratios are turned over. */
export function mirrored({ difference, ratio, redraws, ...rest }: MetricChange): MetricChange {
  return {
    ...rest,
    difference: turned(difference, (value) => (value === 0 ? 0 : -value)),
    ...(ratio && { ratio: turned(ratio, (value) => 1 / value) }),
    ...(redraws && { redraws: { better: redraws.worse, worse: redraws.better, of: redraws.of } }),
  };
}

type Ends = MetricChange['difference'];

const turned = ({ value, low, high }: Ends, turn: (value: number) => number): Ends => ({
  value: turn(value),
  ...(high !== undefined && { low: turn(high) }),
  ...(low !== undefined && { high: turn(low) }),
});

/** 95 % percentile interval, by the same rank from both ends, so that it mirrors; it holds the value itself. */
function percentiles(draws: Float64Array, value: number): { readonly low: number; readonly high: number } {
  const sorted = Float64Array.from(draws).sort();
  const rank = Math.max(0, Math.ceil(sorted.length * 0.025) - 1);
  return { low: Math.min(value, sorted[rank]!), high: Math.max(value, sorted[sorted.length - 1 - rank]!) };
}
