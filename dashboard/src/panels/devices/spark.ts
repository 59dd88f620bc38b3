import type { Pulse } from '@hilltop/contracts';

/** A measured quantity over the last minute; only of numbers that came. */
export interface Spark {
  readonly key: SparkKey;
  readonly points: readonly (readonly [atMs: number, value: number])[];
  readonly newest: number;
}

export const sparkKeys = [
  'latencyMs',
  'powerW',
  'temperatureC',
  'loadAverage',
] as const satisfies readonly (keyof Pulse)[];
export type SparkKey = (typeof sparkKeys)[number];

/** Without a value for so long the line has a hole: heartbeats come every few seconds. */
export const holeMs = 8000;

/** What a device's pulses hold of each quantity, in the order of the keys; a quantity that was never measured is not there. Pure. */
export function sparksOf(
  past: readonly Pulse[],
  newest: Pulse | undefined,
  keys: readonly SparkKey[] = sparkKeys,
): Spark[] {
  const all = newest !== undefined && past.at(-1) !== newest ? [...past, newest] : past;
  return keys.flatMap((key) => {
    const points = all.flatMap((pulse): [number, number][] =>
      pulse[key] === undefined ? [] : [[pulse.atMs, pulse[key]]],
    );
    const last = points.at(-1);
    return last ? [{ key, points, newest: last[1] }] : [];
  });
}

export interface SparkBox {
  readonly width: number;
  readonly height: number;
  /** The right edge, and how much is shown before it, ms. */
  readonly nowMs: number;
  readonly spanMs: number;
}

/** The line of a spark as an SVG path; a hole is a hole. The time axis goes with the clock, not with what arrives. */
export function sparkPath(points: Spark['points'], { width, height, nowMs, spanMs }: SparkBox): string {
  const shown = points.filter(([at]) => at >= nowMs - spanMs && at <= nowMs + 1000);
  const values = shown.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const inner = height - 2;
  let before = Number.NEGATIVE_INFINITY;
  return shown
    .map(([at, value]) => {
      const x = Math.min(width, width - ((nowMs - at) / spanMs) * width);
      const y = high === low ? height / 2 : 1 + inner - ((value - low) / (high - low)) * inner;
      const command = at - before > holeMs ? 'M' : 'L';
      before = at;
      return `${command}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}
