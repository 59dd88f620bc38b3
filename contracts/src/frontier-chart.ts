import { attainmentPaths } from './attainment-paths.js';
import { axisOf, type ChartAxis, type ChartDomains, type ChartScales, domainsOf } from './chart-axis.js';
import { limitsOf } from './chart-limits.js';
import { type Attainment, type Constraint, type DeviceFrontier, type FrontierPoint, meets } from './frontier.js';
import type { MetricId, MetricValue } from './metrics.js';
import { placeLabels } from './place-labels.js';
import { pointKey, pointLabel } from './point-label.js';
import { frontierOf, stairsPath } from './stairs.js';

export interface ChartInput {
  readonly points: readonly FrontierPoint[];
  readonly x: MetricId;
  readonly y: MetricId;
  readonly constraints: readonly Constraint[];
  /** Pixels of the whole picture. */
  readonly width: number;
  readonly height: number;
  /** Shared axes of small multiples; absent: from these points. */
  readonly domains?: ChartDomains;
  /** What energies and powers contain; stands at their axes. */
  readonly energy?: DeviceFrontier['energy'] | undefined;
  /** Three objectives: status is about all three, so stairs in the plane would lie. */
  readonly stairs: 'draw' | 'omit';
  /** How each axis is divided; absent: by the rule. */
  readonly scales?: ChartScales;
  /** Stairs that shares of the re-draws reach; of other metrics than the axes' they are not drawn. */
  readonly attainment?: Attainment | undefined;
}

export type ChartSide = 'left' | 'right' | 'top' | 'bottom';

export interface ChartMark {
  readonly key: string;
  readonly point: FrontierPoint;
  readonly label: string;
  readonly cx: number;
  readonly cy: number;
  readonly status: FrontierPoint['status'];
  readonly feasible: boolean;
  readonly disturbed: boolean;
  /** Where the point lies when it is outside of the picture; its mark is on that edge. */
  readonly beyond?: ChartSide;
  /** Ends of the intervals in pixels; absent where there is none. */
  readonly xBar?: readonly [number, number];
  readonly yBar?: readonly [number, number];
  /** Where the name is written, when there is room for it. */
  readonly name?: { readonly x: number; readonly y: number; readonly anchor: 'start' | 'end' };
}

/** A constraint on an axis: its line and the half-plane it excludes. Outside of the picture it lies on the edge, with an arrow. */
export interface ChartLimit {
  readonly label: string;
  readonly axis: 'x' | 'y';
  readonly at: number;
  readonly excluded: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

export interface ChartModel {
  readonly width: number;
  readonly height: number;
  readonly plot: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  /** Drawing order: dominated first, the frontier last. */
  readonly marks: readonly ChartMark[];
  readonly stairs: string;
  /** Between what nine tenths and what a tenth of the re-draws reach; empty where that is not known. */
  readonly band: string;
  /** How many re-draws the band stands on. */
  readonly draws?: number;
  /** How many points lie outside, by side. */
  readonly beyond: Readonly<Partial<Record<ChartSide, number>>>;
  readonly limits: readonly ChartLimit[];
  readonly fit: number;
  readonly fitOnFrontier: number;
  /** Points without one of the two metrics. */
  readonly unplaced: number;
}

/** From here on a picture is a small multiple: fewer ticks, no names. */
const smallWidth = 420;

/** All of a chart that does not depend on the constraints: what a slider must not pay for again. */
export type ChartGeometry = Omit<ChartModel, 'limits' | 'fit' | 'fitOnFrontier'>;

/** Everything the chart draws, in pixels. Undefined when no point has both metrics. */
export function chartModel(input: ChartInput): ChartModel | undefined {
  const geometry = chartGeometry(input);
  return geometry && constrained(geometry, input.constraints);
}

/** Axes, marks, stairs and band, every mark as if it fitted. Undefined when no point has both metrics. */
export function chartGeometry(input: Omit<ChartInput, 'constraints'>): ChartGeometry | undefined {
  const placed = input.points.filter((p) => p.verdict !== 'invalid' && p.metrics[input.x] && p.metrics[input.y]);
  const domains = { ...domainsOf([input.points], input.x, input.y, input.scales), ...input.domains };
  if (!domains.x || !domains.y || placed.length === 0) return undefined;
  const isSmall = input.width < smallWidth;
  const plot = {
    left: isSmall ? 52 : 64,
    top: 16,
    right: input.width - (isSmall ? 12 : 20),
    bottom: input.height - (isSmall ? 46 : 52),
  };
  // A small picture has no room for it; its caption says it.
  const energy = isSmall ? undefined : input.energy;
  const x = axisOf(
    { metric: input.x, energy, kind: domains.kinds?.x },
    domains.x,
    [plot.left, plot.right],
    Math.max(3, Math.round((plot.right - plot.left) / 90)),
  );
  const y = axisOf(
    { metric: input.y, energy, kind: domains.kinds?.y },
    domains.y,
    [plot.bottom, plot.top],
    Math.max(3, Math.round((plot.bottom - plot.top) / 55)),
  );
  const bare = placed.map((point) => markOf(point, x, y, plot));
  const valued = bare.map((mark) => ({ x: mark.cx, y: mark.cy, mark }));
  // In pixels y grows downwards, so the better direction of y is turned over.
  const front = frontierOf(valued, x.direction, y.direction === 'max' ? 'min' : 'max');
  const worst = {
    x: x.direction === 'min' ? plot.right : plot.left,
    y: y.direction === 'max' ? plot.bottom : plot.top,
  };
  const named = isSmall ? bare : placeLabels(bare, front, plot, y.direction);
  const rank = { dominated: 0, uncertain: 1, on: 2 };
  const reached = input.stairs === 'draw' ? attainmentPaths(input.attainment, x, y, plot) : undefined;
  return {
    width: input.width,
    height: input.height,
    plot,
    x,
    y,
    marks: named.sort((a, b) => rank[a.status] - rank[b.status]),
    stairs: input.stairs === 'draw' ? (reached?.middle ?? stairsPath(front, worst)) : '',
    band: reached?.band ?? '',
    ...(reached && { draws: reached.draws }),
    beyond: beyondOf(bare),
    unplaced: input.points.length - placed.length,
  };
}

/** The geometry under constraints. A mark that stays what it is stays the same object, so that nothing is drawn twice. */
export function constrained(geometry: ChartGeometry, constraints: readonly Constraint[]): ChartModel {
  const marks =
    constraints.length === 0
      ? geometry.marks
      : geometry.marks.map((mark) => (constraints.every((c) => meets(c, mark.point.metrics)) ? mark : greyed(mark)));
  let [fit, fitOnFrontier] = [0, 0];
  for (const mark of marks) {
    if (!mark.feasible) continue;
    fit++;
    if (mark.status !== 'dominated') fitOnFrontier++;
  }
  return {
    ...geometry,
    marks,
    limits: limitsOf(constraints, geometry.x, geometry.y, geometry.plot),
    fit,
    fitOnFrontier,
  };
}

const twins = new WeakMap<ChartMark, ChartMark>();

function greyed(mark: ChartMark): ChartMark {
  const twin = twins.get(mark) ?? { ...mark, feasible: false };
  twins.set(mark, twin);
  return twin;
}

function beyondOf(marks: readonly ChartMark[]): ChartModel['beyond'] {
  const counts: Partial<Record<ChartSide, number>> = {};
  for (const { beyond } of marks) if (beyond) counts[beyond] = (counts[beyond] ?? 0) + 1;
  return counts;
}

function markOf(point: FrontierPoint, x: ChartAxis, y: ChartAxis, plot: ChartModel['plot']): ChartMark {
  const vx = point.metrics[x.metric]!;
  const vy = point.metrics[y.metric]!;
  const across = within(x, vx.value, plot.left, plot.right);
  const up = within(y, vy.value, plot.top, plot.bottom);
  const beyond = across.side ?? (up.side === 'left' ? 'top' : up.side === 'right' ? 'bottom' : undefined);
  const bar = (axis: ChartAxis, value: MetricValue): readonly [number, number] | undefined =>
    beyond || value.low === undefined || value.high === undefined
      ? undefined
      : [axis.scale.at(clampLow(axis, value.low)), axis.scale.at(value.high)];
  const xBar = bar(x, vx);
  const yBar = bar(y, vy);
  return {
    key: pointKey(point),
    point,
    label: pointLabel(point),
    cx: across.at,
    cy: up.at,
    status: point.status,
    feasible: true,
    disturbed: point.verdict === 'disturbed',
    ...(beyond && { beyond }),
    ...(xBar && { xBar }),
    ...(yBar && { yBar }),
  };
}

/** The pixel of a value, held on the edge when it is outside; what has no logarithm is before everything. */
function within(axis: ChartAxis, value: number, low: number, high: number): { at: number; side?: 'left' | 'right' } {
  const exact = axis.scale.kind === 'log' && value <= 0 ? undefined : axis.scale.at(value);
  if (exact === undefined)
    return axis.scale.at(axis.scale.domain[0]) > low + 1 ? { at: high, side: 'right' } : { at: low, side: 'left' };
  // Half a pixel: rounding is not outside.
  if (exact < low - 0.5) return { at: low, side: 'left' };
  if (exact > high + 0.5) return { at: high, side: 'right' };
  return { at: exact };
}

/** A lower end at or below 0 has no place on a log axis: the bar ends at the frame. */
const clampLow = (axis: ChartAxis, low: number): number =>
  axis.scale.kind === 'log' && low < axis.scale.domain[0] ? axis.scale.domain[0] : low;
