import type { MetricId, RunSettings } from '@hilltop/contracts';
import type { SearchPoint } from './sampler.js';

/** Points as rows of numbers, for what resembles what. */
export interface Columns {
  /** Of each point, each column from 0 to 1; a category as its code. */
  readonly rows: readonly Float64Array[];
  /** Their sum is 1. */
  readonly weights: Float64Array;
  /** Columns whose values are only equal or not. */
  readonly isCategory: Uint8Array;
}

interface Column {
  readonly values: Float64Array;
  readonly isCategory: boolean;
  readonly weight: number;
}

/** What is known of a variant without a device and says something of its cost; on log axes. */
const costs = { macs: 2, size_bytes: 0.5, activation_peak_bytes: 0.5, arena_bytes: 0.5, parameters: 0.5 } as const;
const settings = ['threads', 'graphLevel', 'runtime', 'provider', 'precision', 'batch', 'powerMode'] as const;
const settingWeight = 1.5;
/** A pass with all of its parameters weighs about as much as a setting. */
const passWeight = 1;

/** Columns in which the points differ, each once: what always goes together counts as one. */
export function columnsOf(points: readonly SearchPoint[]): Columns {
  const columns: Column[] = [];
  const known = new Set<string>();
  const add = (raw: readonly (number | string | undefined)[], weight: number): void => {
    const column = encoded(raw, weight);
    if (!column) return;
    const key = printOf(column.values);
    if (known.has(key)) return;
    known.add(key);
    columns.push(column);
  };
  for (const [metric, weight] of Object.entries(costs))
    add(
      points.map(({ screening }) => logOf(screening[metric as MetricId]?.value)),
      weight,
    );
  for (const setting of settings)
    add(
      points.map((point) => settingOf(point.settings, setting)),
      settingWeight,
    );
  const features = [...new Set(points.flatMap((point) => Object.keys(point.features)))].sort();
  for (const feature of features.filter((one) => !one.includes('.'))) {
    add(
      points.map((point) => point.features[feature] ?? 0),
      passWeight,
    );
    const own = features.filter((one) => one.startsWith(`${feature}.`));
    const before = columns.length;
    for (const parameter of own)
      add(
        points.map((point) => point.features[parameter]),
        1,
      );
    const added = columns.splice(before);
    columns.push(...added.map((column) => ({ ...column, weight: passWeight / added.length })));
  }
  const total = columns.reduce((sum, column) => sum + column.weight, 0) || 1;
  return {
    rows: points.map((_, i) => Float64Array.from(columns, (column) => column.values[i]!)),
    weights: Float64Array.from(columns, (column) => column.weight / total),
    isCategory: Uint8Array.from(columns, (column) => Number(column.isCategory)),
  };
}

const logOf = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.log(Math.max(value, 1));

function settingOf(all: RunSettings, setting: (typeof settings)[number]): number | string {
  const value = all[setting] ?? (setting === 'batch' ? 1 : '');
  return typeof value === 'number' ? Math.log2(value) : value;
}

/** Undefined where all are alike. */
function encoded(raw: readonly (number | string | undefined)[], weight: number): Column | undefined {
  const distinct = new Set(raw);
  if (distinct.size < 2) return undefined;
  const numbers = raw.filter((value): value is number => typeof value === 'number');
  if (raw.some((value) => typeof value === 'string') || numbers.length === 0) {
    const codes = new Map([...distinct].map((value, i) => [value, i]));
    return { values: Float64Array.from(raw, (value) => codes.get(value)!), isCategory: true, weight };
  }
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  // Where a parameter has no meaning it is as if it were at its least: that the pass is not there is a column of its own.
  const scale = high > low ? 1 / (high - low) : 0;
  if (scale === 0 && numbers.length === raw.length) return undefined;
  return {
    values: Float64Array.from(raw, (v) => (typeof v === 'number' ? (v - low) * scale : 0)),
    isCategory: false,
    weight,
  };
}

/** The same for equal columns, and for no two others by any chance that matters. */
function printOf(values: Float64Array): string {
  let [one, other] = [0, 1];
  for (let i = 0; i < values.length; i++) {
    one = (one * 31 + values[i]! * 9973) % 1e9;
    other = (other * 17 + values[i]! * 104_729) % 1e9;
  }
  return `${one} ${other}`;
}

/** Weighted distance of two rows: 0 for the same, 1 where they differ as much as they can. */
export function distance({ weights, isCategory }: Columns, a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let c = 0; c < weights.length; c++) {
    const apart = a[c]! - b[c]!;
    if (apart !== 0) sum += weights[c]! * (isCategory[c] === 1 ? 1 : Math.abs(apart));
  }
  return sum;
}
