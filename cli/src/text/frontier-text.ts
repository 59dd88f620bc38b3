import {
  type DeviceFrontier,
  type FleetFrontier,
  type Frontier,
  type FrontierPoint,
  type MetricId,
  type MetricRow,
  metrics,
  type Objective,
  repetitionText,
  settingsKey,
} from '@hilltop/contracts';
import { scopeRemark } from './energy.js';
import { scatterPlot } from './plot.js';
import { pointMarks, pointText } from './status-marks.js';
import { plain, type Style } from './style.js';
import { type Column, table } from './table.js';
import { formatInterval, formatMetric, significant } from './units.js';

export interface FrontierTextOptions {
  readonly style: Style;
  /** Columns of the terminal; absent: no plot. */
  readonly plotWidth?: number;
}

/** Columns beside the objectives that help to choose; hosts count no cycles and have no arena. */
const alsoShown: readonly MetricId[] = ['cycles', 'instructions', 'size_bytes', 'memory_peak_bytes', 'arena_bytes'];
/** Labels that would make the table wider than a terminal. */
const shortTitles: Partial<Record<MetricId, string>> = { memory_peak_bytes: 'Peak memory' };
/** A board gets the plan, not the ONNX file. */
const boardTitles: Partial<Record<MetricId, string>> = { size_bytes: 'Plan', arena_bytes: 'Arena' };
const statusOrder = ['on', 'uncertain', 'dominated'] as const;

/** A frontier document for people: per device a heading, a table and a plot; then the fleet. */
export function frontierText(frontier: Frontier, options: FrontierTextOptions = { style: plain }): string {
  const parts = frontier.devices.map((device) => deviceText(frontier, device, options));
  for (const fleet of frontier.fleet ?? []) parts.push(fleetText(frontier, fleet, options.style));
  return parts.join('\n');
}

function deviceText(frontier: Frontier, device: DeviceFrontier, { style, plotWidth }: FrontierTextOptions): string {
  const points = inOrder(device.points, frontier.objectives[0]!);
  const volume = device.hypervolume === undefined ? '' : `, hypervolume ${significant(device.hypervolume)}`;
  const emulated = device.device.emulated ? ' (emulated)' : '';
  const heading = `${style.bold(device.device.name)}${emulated}: ${frontier.modelName}, protocol ${frontier.protocol}${volume}\n`;
  const left = Object.entries(device.excluded).map(([reason, count]) => `${count} ${reason}`);
  const remark = style.dim(
    [
      itemsText(frontier, points),
      device.device.emulated && emulatedText(points),
      scopeRemark(frontier.objectives, device),
      left.length > 0 && `left out: ${left.join(', ')}`,
    ]
      .filter(Boolean)
      .map((line) => `${line}\n`)
      .join(''),
  );
  return (
    heading +
    style.dim(`${device.device.type}\n`) +
    table(points, columnsFor(frontier, points, style), style) +
    remark +
    plotText(frontier, points, plotWidth)
  );
}

/** On how many items the quality of the points stands: a slow device may have taken a part of them. */
function itemsText({ objectives }: Frontier, points: readonly FrontierPoint[]): string | undefined {
  const quality = objectives.find(({ metric }) => metrics[metric].source === 'quality');
  const counts = points.flatMap((point) => (quality && point.metrics[quality.metric]?.n) ?? []);
  if (!quality || counts.length === 0) return undefined;
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return `${metrics[quality.metric].label} on ${least === most ? least : `${least} to ${most}`} items`;
}

/** What the numbers of an emulated board are. */
const emulatedText = (points: readonly FrontierPoint[]): string =>
  points.some((point) => point.metrics.cycles)
    ? 'emulated: cycles as the emulator counts them, time at the clock of the board; a real one can differ'
    : 'emulated: what an emulator counts, no time';

function inOrder(points: readonly FrontierPoint[], first: Objective): FrontierPoint[] {
  const cost = (point: FrontierPoint): number => sortKey(first, point.metrics[first.metric]?.value);
  return [...points].sort((a, b) => statusOrder.indexOf(a.status) - statusOrder.indexOf(b.status) || cost(a) - cost(b));
}

/** Small is better; what was not measured comes last. */
const sortKey = (objective: Objective, value: number | undefined): number =>
  value === undefined ? Number.POSITIVE_INFINITY : objective.direction === 'min' ? value : -value;

function columnsFor(frontier: Frontier, points: readonly FrontierPoint[], style: Style): Column<FrontierPoint>[] {
  const names = new Map(points.map((point) => [point.variant, point.recipe]));
  const severalSettings = new Set(points.map((point) => settingsKey(point.settings))).size > 1;
  const objectives = frontier.objectives.map((objective) => objective.metric);
  const isBoard = points.some((point) => point.metrics.arena_bytes);
  const metricColumn = (metric: MetricId): Column<FrontierPoint> => ({
    title: (isBoard ? boardTitles[metric] : undefined) ?? shortTitles[metric] ?? metrics[metric].label,
    align: 'right',
    cell: ({ metrics: values }) => {
      const value = values[metric];
      return value && (objectives.includes(metric) ? formatInterval(metric, value) : formatMetric(metric, value.value));
    },
  });
  return [
    {
      title: 'Status',
      cell: (point) =>
        pointText(point.status, style) + (point.feasible === false ? style.dim(' (breaks a constraint)') : ''),
    },
    { title: 'Recipe', cell: (point) => point.recipe },
    { title: 'Settings', cell: (point) => (severalSettings ? settingsKey(point.settings) : undefined) },
    ...objectives.map(metricColumn),
    ...alsoShown.filter((metric) => !objectives.includes(metric)).map(metricColumn),
    { title: 'P', align: 'right', cell: (point) => point.probability.toFixed(2) },
    {
      title: 'Verdict',
      cell: (point) =>
        point.verdict === 'clean'
          ? undefined
          : style.warn([point.verdict, ...repetitionText({ unstable: point.unstable })].join(', ')),
    },
    {
      title: 'Dominated by',
      cell: (point) => [...new Set(point.dominatedBy.map((id) => names.get(id) ?? id))].slice(0, 3).join(', '),
    },
  ];
}

function plotText(frontier: Frontier, points: readonly FrontierPoint[], plotWidth: number | undefined): string {
  if (plotWidth === undefined || points.length < 2) return '';
  const [x, y] = [frontier.objectives[0]!.metric, frontier.objectives[1]!.metric];
  const axis = (metric: MetricId) => ({
    title: metrics[metric].label,
    scale: (metrics[metric] as MetricRow).scale,
    format: (value: number) => formatMetric(metric, value),
  });
  const drawn = points.flatMap((point) => {
    const [px, py] = [point.metrics[x]?.value, point.metrics[y]?.value];
    return px === undefined || py === undefined
      ? []
      : [{ x: px, y: py, mark: pointMarks[point.status], label: point.recipe }];
  });
  return `\n${scatterPlot(drawn, { x: axis(x), y: axis(y), width: Math.min(100, plotWidth), height: 14 })}`;
}

function fleetText(frontier: Frontier, fleet: FleetFrontier, style: Style): string {
  const count = fleet.devices.length;
  const heading = style.bold(
    `Fleet of ${count}${fleet.emulated ? ' emulated' : ''} ${count === 1 ? 'device' : 'devices'}`,
  );
  if (count === 0) return `${heading}: none of them has an fp32 run to compare with\n`;
  const first = frontier.objectives[0]!;
  const cost = (point: FleetFrontier['points'][number]): number => sortKey(first, point.values[first.metric]?.value);
  const points = [...fleet.points].sort(
    (a, b) => statusOrder.indexOf(a.status) - statusOrder.indexOf(b.status) || cost(a) - cost(b),
  );
  const columns: Column<FleetFrontier['points'][number]>[] = [
    { title: 'Status', cell: (point) => pointText(point.status, style) },
    { title: 'Recipe', cell: (point) => point.recipe },
    ...frontier.objectives.map(
      ({ metric }): Column<FleetFrontier['points'][number]> => ({
        title: `${metrics[metric].label}, worst`,
        align: 'right',
        cell: (point) => {
          const value = point.values[metric]?.value;
          if (value === undefined) return undefined;
          return metrics[metric].source === 'quality' ? formatMetric(metric, value) : `${significant(value)} x fp32`;
        },
      }),
    ),
    { title: 'Coverage', align: 'right', cell: (point) => `${point.coverage.k} of ${point.coverage.n}` },
    { title: 'P', align: 'right', cell: (point) => point.probability.toFixed(2) },
  ];
  return `${heading}\n${table(points, columns, style)}`;
}
