import type { ComparedMetric, ComparisonMethod, MetricChange } from './comparison.js';
import { formatNumber } from './metric-text.js';
import { unitFor } from './metric-unit.js';
import { type MetricId, type MetricRow, metrics } from './metrics.js';

export interface ChangeText {
  /** `−1.9 [−2.4, −1.4] ms`; of a quality in points. */
  readonly difference: string;
  /** `0.87 [0.83, 0.91] ×`; absent where a ratio means nothing. */
  readonly ratio?: string;
  readonly word: 'better' | 'worse' | 'no difference shown';
  /** `in 870 of 1000 re-draws int8 is better`. */
  readonly sure: string;
  readonly how: string;
}

const signed = (value: number, decimals: number): string => {
  const text = Math.abs(value).toFixed(decimals);
  if (Number(text) === 0) return text;
  return `${value > 0 ? '+' : '−'}${text}`;
};

/** As many decimals as show two digits of the widest end, six at most. */
function decimalsFor(values: readonly number[]): number {
  const largest = Math.max(...values.map(Math.abs));
  if (largest === 0) return 0;
  return Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(largest) + 1e-9)));
}

/** A difference in the metric's engineering unit, of a share in points, with its interval. */
export function changeDifferenceText(metric: MetricId, { value, low, high }: MetricChange['difference']): string {
  const row: MetricRow = metrics[metric];
  const largest = Math.max(...[value, low ?? 0, high ?? 0].map(Math.abs));
  const isShare = row.source === 'quality' && row.scale === 'linear' && row.unit === '';
  const unit = isShare ? { factor: 0.01, symbol: 'points' } : unitFor(metric, largest);
  const [shown, ...ends] = [value, ...(low === undefined || high === undefined ? [] : [low, high])].map(
    (each) => each / unit.factor,
  );
  // A wide interval does not round the value itself away.
  const coarse = decimalsFor([shown!, ...ends]);
  const decimals = Math.max(coarse, Math.min(decimalsFor([shown!]), coarse + 1));
  const isWide = ends.length === 2 && (ends[0] !== shown || ends[1] !== shown);
  const range = isWide ? ` [${ends.map((end) => signed(end, decimals)).join(', ')}]` : '';
  return `${signed(shown!, decimals)}${range}${unit.symbol && `\u00a0${unit.symbol}`}`;
}

function ratioText({ value, low, high }: NonNullable<MetricChange['ratio']>): string {
  const isWide = low !== undefined && high !== undefined && (low !== value || high !== value);
  return `${formatNumber(value)}${isWide ? ` [${formatNumber(low)}, ${formatNumber(high)}]` : ''}\u00a0×`;
}

const ways: Record<ComparisonMethod, (pairs: number) => string> = {
  exact: () => 'exact: the same whenever it is looked at',
  items: (pairs) => `paired, item by item: ${pairs.toLocaleString('en')} items`,
  'paired-runs': (pairs) => `paired, run by run in one job: ${pairs} runs each`,
  processes: () => 'not paired: processes of each run by themselves',
  intervals: () => 'not paired: from the two intervals',
  single: () => 'one value each, no interval',
};

/** What a change is in words; `name` is what the point is called. */
export function changeText(
  { metric, direction }: Pick<ComparedMetric, 'metric' | 'direction'>,
  change: MetricChange,
  name: string,
): ChangeText {
  const { difference, ratio, redraws, shown, method, pairs } = change;
  const isGain = direction === 'max' ? difference.value > 0 : difference.value < 0;
  return {
    difference: changeDifferenceText(metric, difference),
    ...(ratio && { ratio: ratioText(ratio) }),
    word: shown ? (isGain ? 'better' : 'worse') : 'no difference shown',
    sure:
      method === 'exact'
        ? 'certain'
        : redraws
          ? `in ${redraws.better} of ${redraws.of} re-draws ${name} is ${adverb(metric)}`
          : 'nobody can say: measured once',
    how: ways[method](pairs ?? 0),
  };
}

/** Faster, smaller, better: what being better means for a metric. */
function adverb(metric: MetricId): string {
  const { source, unit }: MetricRow = metrics[metric];
  if (source === 'latency' && unit === 'ms') return 'faster';
  return unit === 'bytes' ? 'smaller' : 'better';
}
