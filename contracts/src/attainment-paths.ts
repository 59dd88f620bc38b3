import type { ChartAxis } from './chart-axis.js';
import type { Attainment } from './frontier.js';
import type { PlotBox } from './place-labels.js';
import type { PlanePoint } from './stairs.js';

export interface AttainmentPaths {
  /** Stairs that half of the re-draws reach. */
  readonly middle: string;
  /** From what a tenth of them reaches to what nine tenths reach; as stairs, not smoothed. */
  readonly band: string;
  readonly draws: number;
}

/** Attainment as SVG paths inside the plot; undefined when there is none, or of other metrics than the axes'. */
export function attainmentPaths(
  attainment: Attainment | undefined,
  x: ChartAxis,
  y: ChartAxis,
  plot: PlotBox,
): AttainmentPaths | undefined {
  if (!attainment || attainment.x !== x.metric || attainment.y !== y.metric) return undefined;
  const level = (share: number): PlanePoint[] =>
    stairCorners(attainment.levels.find((each) => each.share === share)?.stairs ?? [], x, y, plot);
  const middle = level(0.5);
  if (middle.length === 0) return undefined;
  const outline = [...level(0.1), ...level(0.9).reverse()];
  return {
    middle: cornersPath(middle),
    band: outline.length === 0 ? '' : `${cornersPath(outline)}Z`,
    draws: attainment.draws,
  };
}

/** The corners that stairs go through in pixels, from the worst end of y to the worst end of x; held inside the plot. */
export function stairCorners(
  stairs: readonly (readonly [number, number])[],
  x: ChartAxis,
  y: ChartAxis,
  plot: PlotBox,
): PlanePoint[] {
  if (stairs.length === 0) return [];
  const worst = {
    x: x.direction === 'min' ? plot.right : plot.left,
    y: y.direction === 'max' ? plot.bottom : plot.top,
  };
  const at = (axis: ChartAxis, value: number, low: number, high: number): number =>
    Math.min(
      high,
      Math.max(low, axis.scale.at(axis.scale.kind === 'log' && value <= 0 ? axis.scale.domain[0] : value)),
    );
  const points = stairs.map(([px, py]) => ({
    x: at(x, px, plot.left, plot.right),
    y: at(y, py, plot.top, plot.bottom),
  }));
  return [
    { x: points[0]!.x, y: worst.y },
    ...points.flatMap((point, i) => (i === 0 ? [point] : [{ x: point.x, y: points[i - 1]!.y }, point])),
    { x: worst.x, y: points.at(-1)!.y },
  ];
}

/** An SVG path through corners. */
export const cornersPath = (corners: readonly PlanePoint[]): string =>
  `M${corners.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}`;
