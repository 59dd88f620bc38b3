import { median } from '@hilltop/contracts';
import type uPlot from 'uplot';
import { formatMetric } from '../../format/number.js';

export interface TraceOptions {
  readonly width: number;
  readonly height: number;
  readonly timeLabel: string;
}

/** How a trace is drawn. Colours are read from the page at each drawing, so that themes switch. */
export function traceOptions(element: Element, { width, height, timeLabel }: TraceOptions): uPlot.Options {
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
    scales: { x: { time: false }, y: { range: (plot) => latencyRange(plot.data) } },
    axes: [
      { ...axis, label: timeLabel, size: 34 },
      {
        ...axis,
        label: 'latency',
        size: 66,
        values: (_plot, ticks) => ticks.map((tick) => formatMetric('latency_p50_ms', tick)),
      },
    ],
    series: [
      {},
      { stroke: 'transparent', points: { show: false }, spanGaps: false },
      { stroke: colour('--series-1'), width: 1.5, points: { show: false }, spanGaps: false },
      { stroke: 'transparent', points: { show: false }, spanGaps: false },
    ],
    bands: [{ series: [3, 1], fill: colour('--band') }],
  };
}

/** What is further away than so many times the typical median leaves the picture: it would flatten all others. */
const mostOverMedian = 3;

type Column = ArrayLike<number | null | undefined>;

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

/** The longest inference when it is outside of the picture, ms: it is then said in words. */
export function longestOutside(columns: readonly Column[]): number | undefined {
  const top = extreme(columns[3] ?? [], Math.max);
  return top !== undefined && top > latencyRange(columns)[1] ? top : undefined;
}

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
