import { type GateRow, type MetricId, type MetricRow, metrics } from '@hilltop/contracts';

/** `1 run`, `12 runs`. */
export const counted = (n: number, noun: string, plural = `${noun}s`): string => `${n} ${n === 1 ? noun : plural}`;

/** `2026-11-24 02:00 UTC` */
export const instantText = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;

/** `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function durationText(seconds: number): string {
  const all = Math.max(0, Math.round(seconds));
  if (all < 60) return `${all} s`;
  const [h, min, s] = [Math.floor(all / 3600), Math.floor((all % 3600) / 60), all % 60];
  if (h === 0) return s === 0 ? `${min} min` : `${min} min ${s} s`;
  return min === 0 ? `${h} h` : `${h} h ${min} min`;
}

/** `1 %`, `0.25 %`. */
export const percentText = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

/** `+3.1`, `−0.4`, `0.0`: a true minus sign, so that columns stay straight. */
export function signed(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  if (Number(text) === 0) return text;
  return `${value < 0 ? '\u2212' : '+'}${text}`;
}

type Change = Pick<GateRow, 'scale' | 'change' | 'low' | 'high'>;

/** In per cent, or in points of a quality: what was there before is 0. */
export const changeOf = ({ scale }: Pick<Change, 'scale'>, value: number): number =>
  scale === 'ratio' ? 100 * (value - 1) : 100 * value;

/** As many decimals as the interval deserves. */
function decimalsOf(change: Change): number {
  const width = Math.abs(changeOf(change, change.high) - changeOf(change, change.low));
  return width > 0 && width < 0.2 ? 2 : 1;
}

/** `+3.1 %`, `−0.4 points`. */
export const changeText = (change: Change): string =>
  `${signed(changeOf(change, change.change), decimalsOf(change))} ${change.scale === 'ratio' ? '%' : 'points'}`;

/** `+2.6 to +3.6`; undefined where nothing is uncertain. */
export function changeRange(change: Change): string | undefined {
  if (change.low === change.high) return undefined;
  const [low, high] = [change.low, change.high].map((end) => signed(changeOf(change, end), decimalsOf(change)));
  return `${low} to ${high}`;
}

/** Of a metric that is better when larger, what is less is worse. */
export const worseSign = (metric: MetricId): 1 | -1 => ((metrics[metric] as MetricRow).direction === 'max' ? -1 : 1);

export const metricLabel = (metric: MetricId): string => (metrics[metric] as MetricRow).label;

/** Within a sentence: `latency p50`, but `F1, mean of classes`. */
export const metricWord = (metric: MetricId): string => {
  const label = metricLabel(metric);
  return /^[A-Z][a-z]/.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
};
