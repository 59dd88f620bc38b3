import { type AxisScale, domainOf, makeScale } from './axis-scale.js';
import { type Constraint, type DeviceFrontier, type FrontierPoint, meets } from './frontier.js';
import { formatMetric, formatNumber } from './metric-text.js';
import { type MetricUnit, unitFor } from './metric-unit.js';
import { type MetricId, type MetricRow, type MetricValue, metrics } from './metrics.js';
import { placeLabels } from './place-labels.js';
import { pointKey, pointLabel } from './point-label.js';
import { scopeOf } from './scope.js';
import { type AxisDirection, frontierOf, stairsPath } from './stairs.js';

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
}

export interface ChartDomains {
  readonly x?: [number, number];
  readonly y?: [number, number];
}

export interface ChartAxis {
  readonly metric: MetricId;
  readonly direction: AxisDirection;
  readonly scale: AxisScale;
  /** `latency p50, ms (log)` */
  readonly title: string;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

export interface ChartMark {
  readonly key: string;
  readonly point: FrontierPoint;
  readonly label: string;
  readonly cx: number;
  readonly cy: number;
  readonly status: FrontierPoint['status'];
  readonly feasible: boolean;
  readonly disturbed: boolean;
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
  readonly limits: readonly ChartLimit[];
  readonly fit: number;
  readonly fitOnFrontier: number;
  /** Points without one of the two metrics. */
  readonly unplaced: number;
}

/** From here on a picture is a small multiple: fewer ticks, no names. */
const smallWidth = 420;

/** Everything the chart draws, in pixels. Undefined when no point has both metrics. */
export function chartModel(input: ChartInput): ChartModel | undefined {
  const placed = input.points.filter((p) => p.verdict !== 'invalid' && p.metrics[input.x] && p.metrics[input.y]);
  const domains = { ...domainsOf([input.points], input.x, input.y), ...input.domains };
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
    { metric: input.x, energy },
    domains.x,
    [plot.left, plot.right],
    Math.max(3, Math.round((plot.right - plot.left) / 90)),
  );
  const y = axisOf(
    { metric: input.y, energy },
    domains.y,
    [plot.bottom, plot.top],
    Math.max(3, Math.round((plot.bottom - plot.top) / 55)),
  );
  const bare = placed.map((point) => markOf(point, x, y, input.constraints));
  const valued = bare.map((mark) => ({ x: mark.cx, y: mark.cy, mark }));
  // In pixels y grows downwards, so the better direction of y is turned over.
  const front = frontierOf(valued, x.direction, y.direction === 'max' ? 'min' : 'max');
  const worst = {
    x: x.direction === 'min' ? plot.right : plot.left,
    y: y.direction === 'max' ? plot.bottom : plot.top,
  };
  const named = isSmall ? bare : placeLabels(bare, front, plot, y.direction);
  const rank = { dominated: 0, uncertain: 1, on: 2 };
  return {
    width: input.width,
    height: input.height,
    plot,
    x,
    y,
    marks: named.sort((a, b) => rank[a.status] - rank[b.status]),
    stairs: input.stairs === 'draw' ? stairsPath(front, worst) : '',
    limits: limitsOf(input.constraints, x, y, plot),
    fit: bare.filter((m) => m.feasible).length,
    fitOnFrontier: bare.filter((m) => m.feasible && m.status !== 'dominated').length,
    unplaced: input.points.length - placed.length,
  };
}

/** ChartDomains that hold several charts' points, for small multiples with the same axes. */
export function domainsOf(charts: readonly (readonly FrontierPoint[])[], x: MetricId, y: MetricId): ChartDomains {
  const of = (metric: MetricId): [number, number] | undefined => {
    const row: MetricRow = metrics[metric];
    const values = charts.flat().flatMap((p) => {
      const v = p.metrics[metric];
      if (!v) return [];
      return p.status === 'dominated' ? [v.value] : [v.value, v.low ?? v.value, v.high ?? v.value];
    });
    return domainOf(row.scale, values, row.source === 'quality' ? [0, 1] : undefined);
  };
  const [dx, dy] = [of(x), of(y)];
  return { ...(dx && { x: dx }), ...(dy && { y: dy }) };
}

function axisOf(
  { metric, energy }: { readonly metric: MetricId; readonly energy: DeviceFrontier['energy'] },
  domain: [number, number],
  range: [number, number],
  wanted: number,
): ChartAxis {
  const row: MetricRow = metrics[metric];
  const scope = scopeOf(metric, energy);
  const scale = makeScale(row.scale, domain, range);
  const unit = unitFor(metric, row.scale === 'log' ? Math.sqrt(domain[0] * domain[1]) : domain[1]);
  return {
    metric,
    direction: row.direction === 'max' ? 'max' : 'min',
    scale,
    title: `${lowerFirst(row.label)}${scope ? ` (${scope})` : ''}${unit.symbol ? `, ${unit.symbol}` : ''}${row.scale === 'log' ? ' (log)' : ''}`,
    ticks: tickLabels(scale.ticks(wanted), unit, scale.kind).map(({ value, label }) => ({
      at: scale.at(value),
      label,
    })),
  };
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** Linear ticks share their decimals; log ticks are as short as they can be. */
function tickLabels(
  values: readonly number[],
  unit: MetricUnit,
  kind: AxisScale['kind'],
): { value: number; label: string }[] {
  const shown = values.map((value) => Number((value / unit.factor).toPrecision(10)));
  const decimals = Math.max(0, ...shown.map((v) => (String(v).split('.')[1] ?? '').length));
  return values.map((value, i) => ({
    value,
    label: kind === 'linear' ? shown[i]!.toFixed(Math.min(decimals, 6)) : String(shown[i]),
  }));
}

function markOf(point: FrontierPoint, x: ChartAxis, y: ChartAxis, constraints: readonly Constraint[]): ChartMark {
  const bar = (axis: ChartAxis, value: MetricValue): readonly [number, number] | undefined =>
    value.low === undefined || value.high === undefined
      ? undefined
      : [axis.scale.at(clampLow(axis, value.low)), axis.scale.at(value.high)];
  const vx = point.metrics[x.metric]!;
  const vy = point.metrics[y.metric]!;
  const xBar = bar(x, vx);
  const yBar = bar(y, vy);
  return {
    key: pointKey(point),
    point,
    label: pointLabel(point),
    cx: x.scale.at(vx.value),
    cy: y.scale.at(vy.value),
    status: point.status,
    feasible: constraints.every((c) => meets(c, point.metrics)),
    disturbed: point.verdict === 'disturbed',
    ...(xBar && { xBar }),
    ...(yBar && { yBar }),
  };
}

/** A lower end at or below 0 has no place on a log axis: the bar ends at the frame. */
const clampLow = (axis: ChartAxis, low: number): number =>
  axis.scale.kind === 'log' && low < axis.scale.domain[0] ? axis.scale.domain[0] : low;

function limitsOf(
  constraints: readonly Constraint[],
  x: ChartAxis,
  y: ChartAxis,
  plot: ChartModel['plot'],
): ChartLimit[] {
  const sign = { '<': '<', '<=': '≤', '>': '>', '>=': '≥' } as const;
  return constraints.flatMap((constraint): ChartLimit[] => {
    const axis = constraint.metric === x.metric ? x : constraint.metric === y.metric ? y : undefined;
    if (!axis || (axis.scale.kind === 'log' && constraint.value <= 0)) return [];
    const unit = unitFor(constraint.metric, constraint.value);
    const label = `${lowerFirst((metrics[constraint.metric] as MetricRow).label)} ${sign[constraint.op]} ${
      unit.symbol ? formatMetric(constraint.metric, constraint.value) : formatNumber(constraint.value, 2)
    }`;
    const isUpper = constraint.op.startsWith('<');
    if (axis === x) {
      const exact = x.scale.at(constraint.value);
      const at = clamp(exact, plot.left, plot.right);
      const from = isUpper ? at : plot.left;
      const to = isUpper ? plot.right : at;
      return [
        {
          label: exact < at ? `◂ ${label}` : exact > at ? `${label} ▸` : label,
          axis: 'x',
          at,
          excluded: { x: from, y: plot.top, width: to - from, height: plot.bottom - plot.top },
        },
      ];
    }
    const exact = y.scale.at(constraint.value);
    const at = clamp(exact, plot.top, plot.bottom);
    const from = isUpper ? plot.top : at;
    const to = isUpper ? at : plot.bottom;
    return [
      {
        label: exact < at ? `▴ ${label}` : exact > at ? `▾ ${label}` : label,
        axis: 'y',
        at,
        excluded: { x: plot.left, y: from, width: plot.right - plot.left, height: to - from },
      },
    ];
  });
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
