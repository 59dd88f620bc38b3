import { type AxisScale, domainOf, makeScale } from './axis-scale.js';
import type { DeviceFrontier, FrontierPoint } from './frontier.js';
import { type MetricUnit, unitFor } from './metric-unit.js';
import { type MetricId, type MetricRow, metrics } from './metrics.js';
import { scopeOf } from './scope.js';
import type { AxisDirection } from './stairs.js';

export interface ChartDomains {
  readonly x?: [number, number];
  readonly y?: [number, number];
  /** How each axis is divided; absent: as its metric is. */
  readonly kinds?: ChartScales;
}

/** A wish for each axis; absent: log for costs that spread over more than a factor of ten, else linear. */
export interface ChartScales {
  readonly x?: AxisScale['kind'] | undefined;
  readonly y?: AxisScale['kind'] | undefined;
}

export interface ChartAxis {
  readonly metric: MetricId;
  readonly direction: AxisDirection;
  readonly scale: AxisScale;
  /** `latency p50, ms (log)` */
  readonly title: string;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

/** A log axis pays when the largest is so many times the smallest. */
const logFrom = 10;

/** How an axis is divided: as wished where that can be, else by the rule. */
export function scaleKind(
  metric: MetricId,
  values: readonly number[],
  wish: AxisScale['kind'] | undefined,
): AxisScale['kind'] {
  const positive = values.filter((v) => v > 0);
  if (positive.length === 0) return 'linear';
  if (wish !== undefined) return wish;
  if ((metrics[metric] as MetricRow).scale === 'linear' || positive.length < values.length) return 'linear';
  return Math.max(...positive) / Math.min(...positive) > logFrom ? 'log' : 'linear';
}

/** ChartDomains that hold several charts' points, for small multiples with the same axes. */
export function domainsOf(
  charts: readonly (readonly FrontierPoint[])[],
  x: MetricId,
  y: MetricId,
  wish: ChartScales = {},
): ChartDomains {
  const points = charts.flat();
  const of = (metric: MetricId, wished: AxisScale['kind'] | undefined) => {
    const row: MetricRow = metrics[metric];
    const kind = scaleKind(
      metric,
      points.flatMap((p) => p.metrics[metric]?.value ?? []),
      wished,
    );
    const values = points.flatMap((p) => {
      const v = p.metrics[metric];
      if (!v) return [];
      return p.status === 'dominated' ? [v.value] : [v.value, v.low ?? v.value, v.high ?? v.value];
    });
    const bounds: [number, number] = [
      0,
      row.source === 'quality' && row.scale === 'linear' && !row.unit ? 1 : Infinity,
    ];
    return { kind, domain: domainOf(kind, values, values.some((v) => v < 0) ? undefined : bounds) };
  };
  const [dx, dy] = [of(x, wish.x), of(y, wish.y)];
  return {
    ...(dx.domain && { x: dx.domain }),
    ...(dy.domain && { y: dy.domain }),
    kinds: { x: dx.kind, y: dy.kind },
  };
}

/** One axis in pixels, with its title and ticks. */
export function axisOf(
  {
    metric,
    energy,
    kind,
  }: {
    readonly metric: MetricId;
    readonly energy: DeviceFrontier['energy'];
    readonly kind: AxisScale['kind'] | undefined;
  },
  domain: [number, number],
  range: [number, number],
  wanted: number,
): ChartAxis {
  const row: MetricRow = metrics[metric];
  const scope = scopeOf(metric, energy);
  const scale = makeScale(kind ?? row.scale, domain, range);
  const unit = unitFor(metric, scale.kind === 'log' ? Math.sqrt(domain[0] * domain[1]) : domain[1]);
  return {
    metric,
    direction: row.direction === 'max' ? 'max' : 'min',
    scale,
    title: `${lowerFirst(row.label)}${scope ? ` (${scope})` : ''}${unit.symbol ? `, ${unit.symbol}` : ''}${scale.kind === 'log' ? ' (log)' : ''}`,
    ticks: tickLabels(scale.ticks(wanted), unit, scale.kind).map(({ value, label }) => ({
      at: scale.at(value),
      label,
    })),
  };
}

/** As labels stand within a sentence. */
export const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

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
