import { median } from '@hilltop/contracts';

/** Energy between two moments, by how a source tells it (measurement rules: trapezoid, rectangle, difference). Times in ms, powers in W, energies in J. */
export interface PowerTrace {
  /** J; undefined where the trace does not cover the window, or has a gap in it. */
  readonly energy: (fromMs: number, toMs: number) => number | undefined;
  /** Usual time between two values, ms: how well an edge is known. */
  readonly periodMs: number;
  /** Powers at their times, for screens and for a median. */
  readonly points: ReadonlyArray<readonly [atMs: number, watts: number]>;
}

interface Point {
  readonly at: number;
  readonly value: number;
}

/** A source that is silent for so many of its periods has a gap, and a window with a gap in it has no energy. */
const gapPeriods = 8;
/** Below this a period is the jitter of its clock. */
const leastGapMs = 20;

function periodOf(points: readonly Point[]): number {
  const steps = points.slice(1).map((point, i) => point.at - points[i]!.at);
  return steps.length > 0 ? median(steps) : Number.POSITIVE_INFINITY;
}

/** Index of the last point at or before `at`; -1 before the first. */
function before(points: readonly Point[], at: number): number {
  let low = -1;
  let high = points.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle]!.at <= at) low = middle;
    else high = middle;
  }
  return low;
}

/** Whether the points reach over the window's ends and leave no gap inside. */
function covers(points: readonly Point[], from: number, to: number, gap: number): boolean {
  const first = before(points, from);
  if (first < 0 || !(to > from)) return false;
  for (let i = first; i + 1 < points.length; i++) {
    if (points[i + 1]!.at - points[i]!.at > gap) return false;
    if (points[i + 1]!.at >= to) return true;
  }
  return false;
}

/** From which silence on a source of this period has a gap, ms. */
export const gapOf = (periodMs: number): number => Math.max(leastGapMs, gapPeriods * periodMs);

function interpolated(points: readonly Point[], at: number): number {
  const i = before(points, at);
  const a = points[i]!;
  const b = points[Math.min(i + 1, points.length - 1)]!;
  return b.at === a.at ? a.value : a.value + ((b.value - a.value) * (at - a.at)) / (b.at - a.at);
}

/** Powers at moments: trapezoids, with the power interpolated at the ends of the window. */
export function sampledTrace(points: readonly Point[]): PowerTrace {
  const periodMs = periodOf(points);
  return {
    periodMs,
    points: points.map(({ at, value }) => [at, value] as const),
    energy: (from, to) => {
      if (!covers(points, from, to, gapOf(periodMs))) return undefined;
      let joules = 0;
      let last: Point = { at: from, value: interpolated(points, from) };
      const add = (next: Point): void => {
        joules += (0.5 * (last.value + next.value) * (next.at - last.at)) / 1000;
        last = next;
      };
      for (let i = before(points, from) + 1; i < points.length && points[i]!.at < to; i++) add(points[i]!);
      add({ at: to, value: interpolated(points, to) });
      return joules;
    },
  };
}

/** Means over intervals that follow each other: rectangles, the first and the last in part. */
export function averagedTrace(
  intervals: ReadonlyArray<{ readonly start: number; readonly end: number; readonly watts: number }>,
): PowerTrace {
  const lengths = intervals.map(({ start, end }) => end - start);
  const periodMs = lengths.length > 0 ? median(lengths) : Number.POSITIVE_INFINITY;
  const gap = gapOf(periodMs) - periodMs;
  return {
    periodMs,
    points: intervals.map(({ start, end, watts }) => [(start + end) / 2, watts] as const),
    energy: (from, to) => {
      let joules = 0;
      let reached = from;
      for (const { start, end, watts } of intervals) {
        if (end <= from) continue;
        if (start >= to) break;
        // A short hole takes the power of what follows it.
        if (start - reached > gap) return undefined;
        joules += (watts * (Math.min(end, to) - reached)) / 1000;
        reached = Math.min(end, to);
      }
      return to > from && to - reached <= 1e-9 * Math.abs(to) + 1e-6 ? joules : undefined;
    },
  };
}

/** A counter of joules: differences, with its count interpolated at the ends. `wrapsAt`: it starts again from 0 there. */
export function counterTrace(points: readonly Point[], wrapsAt?: number): PowerTrace {
  let turns = 0;
  const steady = points.map(({ at, value }, i): Point => {
    const previous = points[i - 1];
    if (previous && value < previous.value) turns += 1;
    return { at, value: value + turns * (wrapsAt ?? Number.NaN) };
  });
  const periodMs = periodOf(points);
  return {
    periodMs,
    points: steady.slice(1).map((point, i) => {
      const previous = steady[i]!;
      return [
        (point.at + previous.at) / 2,
        (1000 * (point.value - previous.value)) / (point.at - previous.at),
      ] as const;
    }),
    energy: (from, to) => {
      if (!covers(steady, from, to, gapOf(periodMs))) return undefined;
      const joules = interpolated(steady, to) - interpolated(steady, from);
      // A counter that went back and says nothing of where it turns.
      return Number.isFinite(joules) ? joules : undefined;
    },
  };
}

/** Several traces of one scope: their sum, where all of them have a value. */
export function sumOfTraces(traces: readonly PowerTrace[]): PowerTrace {
  if (traces.length === 1) return traces[0]!;
  const first = traces[0]!;
  return {
    periodMs: Math.max(...traces.map((trace) => trace.periodMs)),
    points: first.points,
    energy: (from, to) => {
      let joules = 0;
      for (const trace of traces) {
        const part = trace.energy(from, to);
        if (part === undefined) return undefined;
        joules += part;
      }
      return joules;
    },
  };
}
