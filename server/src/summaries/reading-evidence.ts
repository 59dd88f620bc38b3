import { median, type Observations, type Sensor, throttledDuring } from '@hilltop/contracts';
import { momentsOf, rowsOf, type Window, windowsOf } from './run-moments.js';

/** What the sensors beside a run say of its loops; a signal that nothing tells is not there. */
export interface ReadingEvidence {
  /** Block -> signal -> value. */
  readonly blocks: ReadonlyMap<number, Readonly<Partial<Record<'temperature_over_trip_k' | 'frequency_drop', number>>>>;
  /** Events of throttling from the first loop to the end of the last, by counters, bits and caps; absent: nobody counts them. */
  readonly throttleEvents?: number;
}

interface Series {
  readonly sensor: Sensor;
  readonly at: readonly number[];
  readonly values: readonly number[];
}

/** A cooling device that slows a clock down; others are fans. */
const slowsDown = /cpufreq|processor|devfreq|gpu/i;

/**
 * Pure: readings and marks -> evidence. Clocks are looked at in the loops alone, where the processor is busy; a drop is against the fastest loop of the
 * same run. Heat is the highest reading in or beside a loop, against the lowest passive trip point of its zone.
 */
export function readingEvidence(batches: readonly Observations[], sensors: readonly Sensor[]): ReadingEvidence {
  const windows = loopsOf(batches);
  const series = seriesOf(batches, sensors);
  const blocks = new Map<number, Partial<Record<'temperature_over_trip_k' | 'frequency_drop', number>>>();
  const put = (block: number, signal: 'temperature_over_trip_k' | 'frequency_drop', value: number): void => {
    const known = blocks.get(block) ?? {};
    blocks.set(block, { ...known, [signal]: Math.max(value, known[signal] ?? Number.NEGATIVE_INFINITY) });
  };
  for (const one of series) {
    const { limit, quantity } = one.sensor;
    if (quantity === 'temperature' && limit !== undefined)
      for (const [block, window] of windows)
        for (const celsius of within(one, window)) put(block, 'temperature_over_trip_k', celsius - limit);
  }
  for (const one of clocksOf(series)) {
    const medians = new Map(
      [...windows].flatMap(([block, window]) => {
        const values = within(one, window);
        return values.length > 0 ? [[block, median(values)] as const] : [];
      }),
    );
    const fastest = Math.max(...medians.values());
    for (const [block, hertz] of medians) put(block, 'frequency_drop', 1 - hertz / fastest);
  }
  const events = series.map((one) => eventsOf(one, windows)).filter((count) => count !== undefined);
  return {
    blocks,
    ...(events.length > 0 && { throttleEvents: events.reduce((sum, count) => sum + count, 0) }),
  };
}

/** A processor's real clock where the firmware tells it; else what the kernel has set. */
function clocksOf(series: readonly Series[]): readonly Series[] {
  const clocks = series.filter(({ sensor }) => sensor.quantity === 'frequency');
  const real = clocks.filter(({ sensor }) => sensor.driver === 'rpi-clock');
  if (real.length > 0) return real;
  // Policies differ in what runs on them; only the fastest clock is that of a busy core.
  const policies = clocks.filter(({ sensor }) => sensor.driver === 'cpufreq');
  if (policies.length <= 1) return policies;
  const at = policies[0]!.at;
  const rounds = at.map((_, i) => Math.max(...policies.map(({ values }) => values[i] ?? Number.NEGATIVE_INFINITY)));
  return [{ sensor: policies[0]!.sensor, at, values: rounds }];
}

function eventsOf({ sensor, at, values }: Series, windows: ReadonlyMap<number, Window>): number | undefined {
  const span = [...windows.values()];
  if (span.length === 0 || values.length === 0) return undefined;
  const [from, to] = [Math.min(...span.map((w) => w.from)), Math.max(...span.map((w) => w.to))];
  // The last before the first loop is what it was before.
  const first = Math.max(
    0,
    at.findLastIndex((ms) => ms <= from),
  );
  const after = at.findIndex((ms) => ms >= to);
  const seen = values.slice(first, (after < 0 ? values.length : after) + 1);
  switch (sensor.driver) {
    case 'soctherm':
    case 'thermal-throttle':
      return Math.max(0, seen.at(-1)! - seen[0]!);
    case 'rpi-throttled':
      return sensor.id.endsWith('/bits') ? throttledDuring(seen).length : Math.max(...seen);
    case 'cooling-device':
      return slowsDown.test(sensor.label ?? '') ? Math.max(0, ...seen.map((state) => state - seen[0]!)) : undefined;
    default:
      return undefined;
  }
}

/** The loop of each block. */
const loopsOf = (batches: readonly Observations[]): Map<number, Window> =>
  new Map(
    [...momentsOf(batches)].flatMap(([block, moments]) =>
      windowsOf(moments, 'loop').map((window) => [block, window] as const),
    ),
  );

function seriesOf(batches: readonly Observations[], sensors: readonly Sensor[]): Series[] {
  const all = sensors.map((sensor) => ({ sensor, at: [] as number[], values: [] as number[] }));
  for (const [place, before, after, value] of rowsOf(batches, 'reading', [
    'sensor',
    'before_ms',
    'after_ms',
    'value',
  ])) {
    const one = all[place!];
    one?.at.push((before! + after!) / 2);
    one?.values.push(value!);
  }
  return all.filter(({ at }) => at.length > 0);
}

const within = ({ at, values }: Series, { from, to }: Window): number[] =>
  values.filter((_, i) => at[i]! >= from && at[i]! <= to);
