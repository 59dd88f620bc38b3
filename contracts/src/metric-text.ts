import { type MetricUnit, unitFor } from './metric-unit.js';
import { type MetricId, type MetricRow, type MetricValue, metrics } from './metrics.js';

/** Decimals that show `digits` significant digits of a number, 0 to 6. */
export function decimalsOf(value: number, digits: number): number {
  if (value === 0 || !Number.isFinite(value)) return 0;
  return Math.min(6, Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value)) + 1e-9)));
}

/** Nobody means it: what is closer to 0 is written as 0. */
const hair = 5e-7;

/** `12.9`, `0.861`, `310`: `digits` significant ones, never scientific. */
export function formatNumber(value: number, digits = 3): string {
  if (Math.abs(value) < hair) return '0';
  return value.toFixed(decimalsOf(value, digits));
}

const withUnit = (text: string, unit: MetricUnit): string => (unit.symbol ? `${text}\u00a0${unit.symbol}` : text);

/** One value of a metric in its engineering unit: `12.9 ms`, `64.0 MB`, `0.861`. */
export function formatMetric(metric: MetricId, value: number): string {
  const unit = unitFor(metric, value);
  const shown = value / unit.factor;
  const whole = unit.factor === 1 && (metrics[metric] as MetricRow).unit === 'bytes';
  return withUnit(whole ? shown.toFixed(0) : formatNumber(shown), unit);
}

/** Half the width of an interval; the wider side where it is lopsided. Undefined without an interval. */
export function halfWidth(value: MetricValue): number | undefined {
  if (value.low === undefined || value.high === undefined) return undefined;
  return Math.max(value.high - value.value, value.value - value.low);
}

/** One side this many times the other: a ± would claim what the interval does not. */
const lopsided = 1.5;

/** `12.9 ± 0.6 ms`: as many decimals as the half-width deserves (two digits when it starts with 1). Lopsided: `6.01 [4.62, 6.10] MB`. */
export function formatInterval(metric: MetricId, value: MetricValue): string {
  const half = halfWidth(value);
  if (half === undefined || half === 0) return formatMetric(metric, value.value);
  const narrow = Math.min(value.high! - value.value, value.value - value.low!);
  if (narrow * lopsided < half)
    return formatMetric(metric, value.value).replace(
      /^[\d.]+/,
      (number) => `${number} ${formatRange(metric, value)!.split('\u00a0')[0]}`,
    );
  const unit = unitFor(metric, value.value);
  const shownHalf = half / unit.factor;
  const lead = shownHalf / 10 ** Math.floor(Math.log10(shownHalf));
  // At least three digits of the value stay, so that a wide interval does not round it away.
  const decimals = Math.min(
    4,
    Math.max(decimalsOf(shownHalf, lead < 2 ? 2 : 1), decimalsOf(value.value / unit.factor, 3)),
  );
  return withUnit(`${(value.value / unit.factor).toFixed(decimals)} ± ${shownHalf.toFixed(decimals)}`, unit);
}

/** `[12.3, 13.5] ms`: the ends of the interval. */
export function formatRange(metric: MetricId, value: MetricValue): string | undefined {
  if (value.low === undefined || value.high === undefined) return undefined;
  const unit = unitFor(metric, value.value);
  const decimals = Math.max(decimalsOf(value.value / unit.factor, 3), 1);
  const end = (v: number): string => (v / unit.factor).toFixed(decimals);
  return withUnit(`[${end(value.low)}, ${end(value.high)}]`, unit);
}

/** Bytes of a file: `1.20 MB`. */
export function formatBytes(bytes: number): string {
  return formatMetric('size_bytes', bytes);
}

/** `62 %`. */
export function formatShare(fraction: number): string {
  return `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)}\u00a0%`;
}
