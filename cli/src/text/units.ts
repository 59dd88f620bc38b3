import { type MetricId, type MetricRow, type MetricValue, metrics } from '@hilltop/contracts';

type Unit = MetricRow['unit'];

/** Three significant digits, never exponent notation. */
export function significant(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  // Rounded first: 0.9999 has as many decimals as 1.
  const rounded = Number(value.toPrecision(digits));
  const decimals = Math.min(12, Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded)))));
  return rounded.toFixed(decimals);
}

/** Engineering prefixes by 1000, so that the number before the unit is 1 to 999. */
function scaled(value: number, steps: readonly (readonly [factor: number, unit: string])[]): string {
  const size = Math.abs(value);
  // 999.95 would be printed as 1000: the next step takes over a little early.
  const [factor, unit] = steps.find(([limit]) => size >= limit * 0.9995) ?? steps.at(-1)!;
  return `${significant(value / factor)}${unit}`;
}

const bytesSteps = [
  [1e9, ' GB'],
  [1e6, ' MB'],
  [1e3, ' kB'],
  [1, ' B'],
] as const;
const countSteps = [
  [1e9, ' G'],
  [1e6, ' M'],
  [1e3, ' k'],
  [1, ''],
] as const;
const msSteps = [
  [60_000, ' min'],
  [1000, ' s'],
  [1, ' ms'],
  [1e-3, ' µs'],
  [1e-6, ' ns'],
] as const;

const wattSteps = [
  [1, ' W'],
  [1e-3, ' mW'],
  [1e-6, ' µW'],
] as const;
const millijouleSteps = [
  [1e3, ' J'],
  [1, ' mJ'],
  [1e-3, ' µJ'],
] as const;

/** Bytes with decimal prefixes (MB = 10^6); whole below 1 kB. */
export function formatBytes(bytes: number): string {
  return bytes < 1000 ? `${Math.round(bytes)} B` : scaled(bytes, bytesSteps);
}

/** Milliseconds as µs, ms, s or min. */
export const formatMs = (ms: number): string => scaled(ms, msSteps);

/** A metric's value with its unit: `1.24 ms`, `231 kB`, `91.3 %`. */
export function formatMetric(metric: MetricId, value: number): string {
  const row: MetricRow = metrics[metric];
  if (metric === 'mse') return value === 0 ? '0' : value.toExponential(2);
  if (row.source === 'quality' && row.unit === '') return `${(value * 100).toFixed(1)} %`;
  return formatUnit(value, row.unit);
}

function formatUnit(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return formatMs(value);
    case 'bytes':
      return formatBytes(value);
    case 'W':
      return scaled(value, wattSteps);
    case 'mJ':
      return scaled(value, millijouleSteps);
    case '':
      return Number.isInteger(value) && Math.abs(value) < 1000 ? String(value) : scaled(value, countSteps);
    case '1/s':
      return `${scaled(value, countSteps)}${Math.abs(value) >= 999.5 ? '' : ' '}/s`;
    default:
      return `${significant(value)} ${unit}`;
  }
}

/** `1.24 ms (1.21 – 1.29)`: the value with its 95 % interval, where one exists. */
export function formatInterval(metric: MetricId, value: MetricValue): string {
  const text = formatMetric(metric, value.value);
  if (value.low === undefined || value.high === undefined || value.low === value.high) return text;
  const unit = unitOf(text);
  // The unit is written once where all three have the same.
  const [low, high] = [formatMetric(metric, value.low), formatMetric(metric, value.high)].map((end) =>
    unitOf(end) === unit ? end.slice(0, end.length - unit.length) : end,
  );
  return `${text} (${low} – ${high})`;
}

const unitOf = (text: string): string => /[^\d.]*$/.exec(text)![0];

/** Seconds as `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatDuration(ms: number): string {
  const all = Math.max(0, Math.round(ms / 1000));
  if (all < 60) return `${all} s`;
  if (all < 3600) return `${Math.floor(all / 60)} min ${all % 60} s`;
  return `${Math.floor(all / 3600)} h ${Math.floor((all % 3600) / 60)} min`;
}

/** How long ago an instant was. */
export function formatAge(instant: string, nowMs: number): string {
  const ms = nowMs - Date.parse(instant);
  return ms < 2000 ? 'now' : `${ms < 86_400_000 ? formatDuration(ms) : `${Math.floor(ms / 86_400_000)} d`} ago`;
}

export const shortSha = (sha256: string): string => sha256.slice(0, 12);
