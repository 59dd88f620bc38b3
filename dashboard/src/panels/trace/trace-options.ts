import { type MetricId, median } from '@hilltop/contracts';
import type uPlot from 'uplot';
import { formatMetric } from '../../format/number.js';

/** What a trace is of. */
export interface TraceQuantity {
  /** Its numbers are written as this metric's. */
  readonly metric: MetricId;
  readonly label: string;
  /** What of `[t, low, mid, high]` the picture shows. */
  readonly range: (columns: readonly Column[]) => [number, number];
}

/** Times that are not like the others, in s of the time axis; a moment is drawn as wide as can be seen. */
export interface Shade {
  readonly from: number;
  readonly to: number;
  /** A custom property of the page. */
  readonly colour: `--${string}`;
}

/** A value that the trace is to be held against. */
export interface Level {
  readonly value: number;
  readonly label: string;
}

export interface TraceOptions {
  readonly width: number;
  readonly height: number;
  readonly timeLabel: string;
  readonly quantity: TraceQuantity;
  readonly shades?: readonly Shade[];
  readonly level?: Level;
}

/** How a trace is drawn. Colours are read from the page at each drawing, so that themes switch. */
export function traceOptions(element: Element, options: TraceOptions): uPlot.Options {
  const { width, height, timeLabel, quantity, shades = [], level } = options;
  // Custom properties with light-dark() do not resolve to a colour by themselves: a probe's computed colour does.
  const probe = element.appendChild(document.createElement('i'));
  const colour = (name: string) => (): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const font = '12px system-ui, sans-serif';
  const axis = {
    font,
    labelFont: `600 ${font}`,
    labelSize: 20,
    stroke: colour('--ink-2'),
    ticks: { show: false },
    grid: { stroke: colour('--grid'), width: 1 },
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { show: false } },
    scales: { x: { time: false }, y: { range: (plot) => quantity.range(plot.data) } },
    axes: [
      { ...axis, label: timeLabel, size: 34 },
      {
        ...axis,
        label: quantity.label,
        size: 66,
        values: (_plot, ticks) => ticks.map((tick) => formatMetric(quantity.metric, tick)),
      },
    ],
    series: [
      {},
      { stroke: 'transparent', points: { show: false }, spanGaps: false },
      { stroke: colour('--series-1'), width: 1.5, points: { show: false }, spanGaps: false },
      { stroke: 'transparent', points: { show: false }, spanGaps: false },
    ],
    bands: [{ series: [3, 1], fill: colour('--band') }],
    hooks: {
      drawClear: [
        ({ ctx, bbox, valToPos }) => {
          for (const { from, to, colour: name } of shades) {
            const left = Math.max(bbox.left, valToPos(from, 'x', true));
            const right = Math.min(
              bbox.left + bbox.width,
              Math.max(valToPos(to, 'x', true), left + 2 * devicePixelRatio),
            );
            ctx.fillStyle = colour(name)();
            if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
          }
        },
      ],
      draw: level ? [(plot) => drawLevel(plot, level, colour('--ink-3')(), font)] : [],
    },
  };
}

function drawLevel({ ctx, bbox, valToPos }: uPlot, { value, label }: Level, colour: string, font: string): void {
  const y = valToPos(value, 'y', true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = scale;
  ctx.setLineDash([5 * scale, 4 * scale]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = font.replace(/^\d+/, (size) => String(Number(size) * scale));
  ctx.textAlign = 'right';
  // Above the line, but for one at the very top.
  const isHigh = y - bbox.top < 16 * scale;
  ctx.textBaseline = isHigh ? 'top' : 'bottom';
  ctx.fillText(label, bbox.left + bbox.width - 4 * scale, y + (isHigh ? 3 : -3) * scale);
  ctx.restore();
}

/** What is further away than so many times the typical median leaves the picture: it would flatten all others. */
const mostOverMedian = 3;

export type Column = ArrayLike<number | null | undefined>;

/** The range of the latency axis over `[t, low, mid, high]`: everything up to a limit; never below 0. */
export function latencyRange([, low = [], mid = [], high = []]: readonly Column[]): [number, number] {
  const bottom = extreme(low, Math.min);
  const top = extreme(high, Math.max);
  const middle = typical(mid);
  if (bottom === undefined || top === undefined || middle === undefined) return [0, 1];
  const upper = Math.min(top, middle * mostOverMedian);
  const room = (upper - bottom || Math.abs(upper) || 1) * 0.08;
  return [Math.max(0, bottom - room), upper + room];
}

/** Power from 0 on: how much of the whole a step is must be seen. Nothing leaves the picture, for all of it is energy. */
export function powerRange([, low = [], , high = []]: readonly Column[]): [number, number] {
  const top = extreme(high, Math.max);
  if (top === undefined) return [0, 1];
  const bottom = Math.min(0, extreme(low, Math.min) ?? 0);
  return [bottom, top + ((top - bottom) * 0.08 || 1)];
}

/** The greatest value when it is outside of the picture: it is then said in words. */
export function highestOutside(
  columns: readonly Column[],
  { range }: Pick<TraceQuantity, 'range'>,
): number | undefined {
  const top = extreme(columns[3] ?? [], Math.max);
  return top !== undefined && top > range(columns)[1] ? top : undefined;
}

export const latency: TraceQuantity = { metric: 'latency_p50_ms', label: 'latency', range: latencyRange };
export const power: TraceQuantity = { metric: 'power_mean_w', label: 'power', range: powerRange };

function typical(column: Column): number | undefined {
  const values = Array.from(column).filter((value) => value !== null && value !== undefined);
  return values.length > 0 ? median(values) : undefined;
}

function extreme(column: Column, pick: (a: number, b: number) => number): number | undefined {
  let found: number | undefined;
  for (let i = 0; i < column.length; i++) {
    const value = column[i];
    if (value !== null && value !== undefined) found = found === undefined ? value : pick(found, value);
  }
  return found;
}
