import {
  type AxisScale,
  domainOf,
  type FleetPoint,
  frontierOf,
  type MetricId,
  type MetricRow,
  makeScale,
  metrics,
  pointKey,
  pointLabel,
  stairsPath,
} from '@hilltop/contracts';
import { formatMetric, formatNumber } from '../../format/number.js';

/** A fleet compares costs as ratios to each device's own fp32, qualities as they are. */
export const isRatio = (metric: MetricId): boolean => (metrics[metric] as MetricRow).source !== 'quality';

/** `0.53 ×` of fp32; a quality as it is. */
export const fleetText = (metric: MetricId, value: number): string =>
  isRatio(metric) ? `${formatNumber(value)}\u00a0×` : formatMetric(metric, value);

/** `0.53 [0.50, 0.57] ×`. */
export function fleetInterval(
  metric: MetricId,
  { value, low, high }: NonNullable<FleetPoint['values'][string]>,
): string {
  if (low === undefined || high === undefined || low === high) return fleetText(metric, value);
  return `${formatNumber(value)} [${formatNumber(low)}, ${formatNumber(high)}]${isRatio(metric) ? '\u00a0×' : ''}`;
}

export interface FleetAxis {
  readonly metric: MetricId;
  readonly title: string;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

export interface FleetMark {
  readonly key: string;
  readonly point: FleetPoint;
  readonly label: string;
  readonly cx: number;
  readonly cy: number;
  readonly xBar?: readonly [number, number];
  readonly yBar?: readonly [number, number];
  /** Which side of the mark its name stands on. */
  readonly anchor: 'start' | 'end';
  /** False where its name would lie on another's: the table has it. */
  readonly isNamed: boolean;
}

export interface FleetPicture {
  readonly plot: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
  readonly x: FleetAxis;
  readonly y: FleetAxis;
  readonly marks: readonly FleetMark[];
  readonly stairs: string;
}

/** A ratio is better when it is smaller, whatever the metric. */
const directionOf = (metric: MetricId): 'min' | 'max' =>
  !isRatio(metric) && (metrics[metric] as MetricRow).direction === 'max' ? 'max' : 'min';

/** Everything the fleet's picture draws, in pixels. Undefined when no point has both metrics. */
export function fleetPicture(
  points: readonly FleetPoint[],
  [xMetric, yMetric]: readonly [MetricId, MetricId],
  { width, height }: { readonly width: number; readonly height: number },
): FleetPicture | undefined {
  const placed = points.filter((point) => point.values[xMetric] && point.values[yMetric]);
  const plot = { left: 64, top: 16, right: width - 20, bottom: height - 48 };
  const x = axisOf(xMetric, placed, [plot.left, plot.right], Math.max(3, Math.round(width / 110)));
  const y = axisOf(yMetric, placed, [plot.bottom, plot.top], 5);
  if (!x || !y) return undefined;
  const bare = placed.map((point): Omit<FleetMark, 'isNamed'> => {
    const [vx, vy] = [point.values[xMetric]!, point.values[yMetric]!];
    const cx = x.scale.at(vx.value);
    return {
      key: pointKey(point),
      point,
      label: pointLabel(point),
      cx,
      cy: y.scale.at(vy.value),
      ...barOf('xBar', x.scale, vx),
      ...barOf('yBar', y.scale, vy),
      anchor: cx > (plot.left + plot.right) / 2 ? 'end' : 'start',
    };
  });
  const marks = named(bare);
  // What covers fewer devices never beats what covers more: stairs are of those that cover all.
  const whole = marks.filter(({ point: { coverage } }) => coverage.k === coverage.n);
  const [dx, dy] = [directionOf(xMetric), directionOf(yMetric)];
  const front = frontierOf(
    whole.map((mark) => ({ x: mark.cx, y: mark.cy })),
    dx,
    // Pixels of y grow downwards.
    dy === 'max' ? 'min' : 'max',
  );
  const worst = { x: dx === 'min' ? plot.right : plot.left, y: dy === 'max' ? plot.bottom : plot.top };
  return { plot, x: x.axis, y: y.axis, marks, stairs: stairsPath(front, worst) };
}

/** Room that a name takes, in pixels, on the safe side. */
const [characterPx, linePx] = [6.2, 13];
const nameOrder = { on: 0, uncertain: 1, dominated: 2 };

/** Names of those on the frontier first, then the uncertain ones where there is room; the dominated have none. */
function named(marks: readonly Omit<FleetMark, 'isNamed'>[]): FleetMark[] {
  const taken: { readonly from: number; readonly to: number; readonly y: number }[] = [];
  const keep = new Set<string>();
  for (const mark of [...marks].sort((a, b) => nameOrder[a.point.status] - nameOrder[b.point.status])) {
    if (mark.point.status === 'dominated') continue;
    const width = mark.label.length * characterPx + 12;
    const [from, to] = mark.anchor === 'start' ? [mark.cx, mark.cx + width] : [mark.cx - width, mark.cx];
    if (taken.some((each) => each.from < to && from < each.to && Math.abs(each.y - mark.cy) < linePx)) continue;
    taken.push({ from, to, y: mark.cy });
    keep.add(mark.key);
  }
  return marks.map((mark) => ({ ...mark, isNamed: keep.has(mark.key) }));
}

type Value = NonNullable<FleetPoint['values'][string]>;

const barOf = (name: 'xBar' | 'yBar', scale: AxisScale, { low, high }: Value) =>
  low === undefined || high === undefined || low === high ? {} : { [name]: [scale.at(low), scale.at(high)] as const };

function axisOf(
  metric: MetricId,
  points: readonly FleetPoint[],
  range: readonly [number, number],
  wanted: number,
): { readonly scale: AxisScale; readonly axis: FleetAxis } | undefined {
  const kind = isRatio(metric) ? 'log' : 'linear';
  const values = points.flatMap((point) => {
    const { value, low = value, high = value } = point.values[metric]!;
    return [value, low, high];
  });
  const domain = domainOf(kind, values);
  if (!domain) return undefined;
  const scale = makeScale(kind, domain, range);
  const { label } = metrics[metric] as MetricRow;
  return {
    scale,
    axis: {
      metric,
      title: isRatio(metric) ? `${label}, worst of fp32 (× log)` : `${label}, worst`,
      ticks: scale.ticks(wanted).map((value) => ({ at: scale.at(value), label: fleetText(metric, value) })),
    },
  };
}
