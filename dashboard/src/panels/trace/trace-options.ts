import type uPlot from 'uplot';

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
  const axis = { font, labelFont: `600 ${font}`, labelSize: 20, stroke: colour('--ink-2'), ticks: { show: false }, grid: { stroke: colour('--grid'), width: 1 } };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { show: false } },
    scales: { x: { time: false }, y: { range: (_plot, low, high) => paddedRange(low, high) } },
    axes: [
      { ...axis, label: timeLabel, size: 34 },
      { ...axis, label: 'latency, ms', size: 48 },
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

/** Room above and below; never below 0, never a flat line of height 0. */
export function paddedRange(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return [Math.max(0, low - room), high + room];
}
