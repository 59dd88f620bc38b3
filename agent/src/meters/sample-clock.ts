/** What a clock's fit brought to light. */
export type ClockFinding =
  /** Samples came later by so many ms for good: as many are missing that nothing else has told of, from some time after `sinceMs` (host) on. */
  | { readonly kind: 'step'; readonly ms: number; readonly sinceMs: number }
  /** The instrument's clock is off by so much, relative. */
  | { readonly kind: 'drift'; readonly rate: number };

export const clockLimits = {
  /** A point of the fit is the earliest arrival within so long. */
  windowMs: 1000,
  /** Points the line is fitted to. */
  windows: 30,
  /** Before so much was heard no time is told. */
  settleMs: 250,
  /** Crystals are good for 100 ppm over any temperature; more is another fault that looks like it. */
  driftRate: 300e-6,
  /** Points before a drift is believed. */
  driftWindows: 8,
  /** So much later for good is missing samples (500 of 100 kHz), not a slow line. */
  stepMs: 5,
} as const;

/** A full-speed USB frame: the least that a sample waits for its transfer is somewhere within, uniformly. */
const transferMs = 1 / Math.sqrt(12);

interface Point {
  readonly atMs: number;
  readonly offsetMs: number;
}

/**
 * Host time of an instrument's samples, which are numbered and evenly spaced by its own clock. What arrives is late by the line's jitter, never
 * early: the line is laid under the arrivals, through the earliest of each second, with the median of the slopes between them (Theil-Sen), so
 * that neither jitter nor a stalled host moves it and a drift is told from both.
 */
export class SampleClock {
  private points: Point[] = [];
  private window: { endMs: number; earliest: Point } | undefined;
  private late: Point | undefined;
  private slope = 0;
  private base = 0;
  private firstMs: number | undefined;
  private heardMs = 0;

  /** `periodMs`: between two samples, by the instrument's clock. */
  constructor(readonly periodMs: number) {}

  /** Whether enough was heard to tell times. */
  get ready(): boolean {
    return this.heardMs >= clockLimits.settleMs;
  }

  /** Standard uncertainty of the times told, ms: how far the earliest arrivals scatter, and a transfer on the bus. */
  get uncertaintyMs(): number {
    const squares = this.points.map((point) => (point.offsetMs - this.offsetAt(point.atMs)) ** 2);
    const scatter = squares.length === 0 ? 0 : squares.reduce((sum, s) => sum + s, 0) / squares.length;
    return Math.hypot(Math.sqrt(scatter), transferMs);
  }

  /** Host time of sample `index`, ms. */
  toMs(index: number): number {
    const atMs = index * this.periodMs;
    return atMs + this.offsetAt(atMs);
  }

  /** Sample `index` arrived at `hostMs`. */
  note(index: number, hostMs: number): ClockFinding | undefined {
    const atMs = index * this.periodMs;
    const arrival: Point = { atMs, offsetMs: hostMs - atMs };
    if (this.firstMs === undefined) {
      this.firstMs = atMs;
      this.base = arrival.offsetMs;
    }
    this.heardMs = atMs - this.firstMs;
    // Nothing comes early: what seems to, shows that the line lay too high, and far too high where a host was deaf for long.
    const earlyMs = this.offsetAt(atMs) - arrival.offsetMs;
    if (earlyMs > 0) this.base -= earlyMs;
    if (earlyMs > clockLimits.stepMs) this.points = [];
    if (this.window && atMs < this.window.endMs) {
      if (arrival.offsetMs < this.window.earliest.offsetMs) this.window.earliest = arrival;
      return undefined;
    }
    const closed = this.window?.earliest;
    this.window = { endMs: atMs + clockLimits.windowMs, earliest: arrival };
    return closed && this.take(closed);
  }

  /**
   * Since when, host time in ms, it is open whether samples are missing: what came last was late, and no time is left to see whether for good.
   * Undefined: nothing was.
   */
  doubtSince(): number | undefined {
    const { late, window } = this;
    const lastIsLate =
      window && window.earliest.offsetMs - this.offsetAt(window.earliest.atMs) > clockLimits.stepMs
        ? window
        : undefined;
    return late || lastIsLate ? this.lastGoodMs() : undefined;
  }

  private lastGoodMs(): number {
    const last = this.points.at(-1);
    return last ? last.atMs + last.offsetMs : Number.NEGATIVE_INFINITY;
  }

  private offsetAt(atMs: number): number {
    return this.base + this.slope * atMs;
  }

  private take(point: Point): ClockFinding | undefined {
    const lateMs = point.offsetMs - this.offsetAt(point.atMs);
    const { late } = this;
    this.late = undefined;
    if (this.points.length > 0 && lateMs > clockLimits.stepMs) {
      // Once may be a host that stood still; twice as late is where the samples are now, unless all of it is one line.
      const settled = late && Math.abs(late.offsetMs - point.offsetMs) < clockLimits.stepMs;
      if (!settled) {
        this.late = point;
        return undefined;
      }
      const all = [...this.points, late, point];
      const line = lineUnder(all);
      if (!line || line.worstMs > clockLimits.stepMs / 2) {
        const sinceMs = this.lastGoodMs();
        this.points = [late, point];
        this.base += lateMs;
        return { kind: 'step', ms: lateMs, sinceMs };
      }
      this.points.push(late);
    }
    this.points.push(point);
    this.points = this.points.slice(-clockLimits.windows);
    const line = lineUnder(this.points);
    if (line) {
      this.slope = line.slope;
      this.base = line.base;
    }
    const drifts = this.points.length >= clockLimits.driftWindows && Math.abs(this.slope) > clockLimits.driftRate;
    return drifts ? { kind: 'drift', rate: this.slope } : undefined;
  }
}

/** The line under points with the median of their slopes, and how far the worst is above it; undefined for too few. */
function lineUnder(
  points: readonly Point[],
): { readonly slope: number; readonly base: number; readonly worstMs: number } | undefined {
  if (points.length < 4) return undefined;
  const slopes: number[] = [];
  for (const [i, a] of points.entries())
    for (const b of points.slice(i + 1)) slopes.push((b.offsetMs - a.offsetMs) / (b.atMs - a.atMs));
  slopes.sort((a, b) => a - b);
  const slope = slopes[slopes.length >> 1]!;
  const bases = points.map(({ offsetMs, atMs }) => offsetMs - slope * atMs);
  const base = Math.min(...bases);
  return { slope, base, worstMs: Math.max(...bases) - base };
}

/** A jump ahead is taken at once, ms: there the samples between are missing. */
const jumpMs = 20;
/** Of an interval, at most, for corrections of the fit: times go on, and power over time stays right. */
const slew = 0.1;

/** Edges of intervals one after the other: each begins where the one before ended, whatever the fit has learned meanwhile. */
export class IntervalEdges {
  private last: { readonly index: number; readonly ms: number } | undefined;

  constructor(private readonly clock: SampleClock) {}

  /** Host time of an edge, ms; never before the one before. */
  at(index: number): number {
    const wanted = this.clock.toMs(index);
    let ms = wanted;
    if (this.last) {
      const stepMs = (index - this.last.index) * this.clock.periodMs;
      const even = this.last.ms + stepMs;
      const ahead = wanted - even;
      if (ahead <= jumpMs) ms = even + Math.max(-slew * stepMs, Math.min(slew * stepMs, ahead));
    }
    this.last = { index, ms };
    return ms;
  }
}
