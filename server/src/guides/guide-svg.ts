import {
  type Against,
  type AxisScale,
  type Guide,
  type GuideEntry,
  linearTicks,
  type MetricId,
  type MetricRow,
  makeScale,
  metrics as metricTable,
  pointLabel,
} from '@hilltop/contracts';
import { type Markup, markup } from '../reports/markup.js';
import { metricLabel } from '../reports/words.js';

/** More rows and devices than these could not be read; the tables have them all. */
const mostRows = 40;
export const mostDevices = 6;

const left = 236;
const right = 912;
const top = 44;
const gap = 26;
const markRoom = 9;

interface Panel {
  readonly metric: MetricId;
  readonly scale: AxisScale;
  readonly ticks: ReadonlyArray<{ readonly value: number; readonly label: string }>;
  /** Where nothing changed. */
  readonly still: number;
}

interface Row {
  readonly label: string;
  /** By device, in the order of the guide's. */
  readonly entries: ReadonlyArray<GuideEntry | undefined>;
}

/** What each variant bought on each device, all in one picture: fp32 is the line, one mark a device. Undefined without anything to compare. */
export function guideSvg(guide: Guide, id: string): Markup | undefined {
  const devices = guide.devices.slice(0, mostDevices);
  const rows = rowsOf(guide).slice(0, mostRows);
  const shown = guide.metrics.filter((metric) =>
    rows.some(({ entries }) => entries.some((entry) => entry?.against[metric])),
  );
  if (rows.length === 0 || shown.length === 0) return undefined;
  const width = (right - left - gap * (shown.length - 1)) / shown.length;
  const panels = shown.map((metric, i) => {
    const start = left + i * (width + gap);
    return panelOf(metric, rows, [start + markRoom, start + width - markRoom]);
  });
  const rowHeight = Math.max(22, 8 + 7 * devices.length);
  const bottom = top + rows.length * rowHeight;
  return markup`<svg class="chart" viewBox="0 0 920 ${bottom + 28}" role="img" aria-labelledby="${id}-title">
<title id="${id}-title">What each variant of ${guide.model.name} came to against fp32, by device. The tables below have every value.</title>
<g aria-hidden="true">${rows.map((row, r) => {
    const y = top + r * rowHeight;
    return markup`${r % 2 === 0 && markup`<rect class="stripe" x="0" y="${y}" width="920" height="${rowHeight}"/>`}<text class="tick row" x="${left - 12}" y="${y + rowHeight / 2}" dy="0.34em" text-anchor="end">${shortened(row.label)}</text>`;
  })}${panels.map((panel) => axisSvg(panel, bottom))}</g>
${rows.map((row, r) =>
  row.entries
    .slice(0, mostDevices)
    .map((entry, d) =>
      entry
        ? panels.map((panel) =>
            markSvg(entry, panel, d, top + r * rowHeight + rowHeight / 2 + (d - (devices.length - 1) / 2) * 7),
          )
        : [],
    ),
)}
</svg>`;
}

/** One a variant and setting, what bought most latency (or else size) first; fp32 is the line, not a row. */
function rowsOf({ devices, metrics }: Guide): Row[] {
  const labels = new Set(
    devices.flatMap(({ entries }) =>
      entries.filter(({ against, recipe }) => recipe !== 'fp32' && Object.keys(against).length > 0).map(pointLabel),
    ),
  );
  const rows = [...labels].map(
    (label): Row => ({
      label,
      entries: devices.map(({ entries }) =>
        entries.find((entry) => entry.recipe !== 'fp32' && pointLabel(entry) === label),
      ),
    }),
  );
  const first = metrics.find((metric) => rows.some(({ entries }) => entries.some((entry) => entry?.against[metric])));
  const order = ({ entries }: Row): number => {
    const logs = entries.flatMap((entry) =>
      first && entry?.against[first] ? [Math.log(entry.against[first].change)] : [],
    );
    return logs.length > 0 ? logs.reduce((sum, each) => sum + each, 0) / logs.length : Number.POSITIVE_INFINITY;
  };
  return rows.sort((a, b) => order(a) - order(b) || (a.label < b.label ? -1 : 1));
}

function panelOf(metric: MetricId, rows: readonly Row[], range: [number, number]): Panel {
  const values = rows.flatMap(({ entries }) => entries.flatMap((entry) => entry?.against[metric] ?? []));
  const all = values.flatMap(({ change, low, high }) => [change, low ?? change, high ?? change]);
  if ((metricTable[metric] as MetricRow).source === 'quality') {
    const reach = Math.max(0.01, ...all.map(Math.abs));
    const domain: [number, number] = [Math.max(-reach, Math.min(...all, -0.005)), Math.max(...all, 0.005)];
    return {
      metric,
      scale: makeScale('linear', domain, range),
      ticks: linearTicks(domain, 3).map((value) => ({ value, label: String(Number((100 * value).toPrecision(3))) })),
      still: 0,
    };
  }
  const positive = all.filter((value) => value > 0);
  const domain: [number, number] = [Math.min(0.8, ...positive), Math.max(1.25, ...positive)];
  const ladder = domain[1] / domain[0] > 12 ? [0.01, 0.1, 1, 10, 100] : [0.125, 0.25, 0.5, 1, 2, 4, 8];
  return {
    metric,
    scale: makeScale('log', domain, range),
    ticks: ladder
      .filter((value) => value >= domain[0] * 0.999 && value <= domain[1] * 1.001)
      .map((value) => ({ value, label: `${value}×` })),
    still: 1,
  };
}

function axisSvg({ metric, scale, ticks, still }: Panel, bottom: number): Markup {
  const row: MetricRow = metricTable[metric];
  const at = (value: number): string => scale.at(value).toFixed(1);
  const middle = (scale.at(scale.domain[0]) + scale.at(scale.domain[1])) / 2;
  const title = `${metricLabel(metric)
    .replace(/ above the null model$/, '')
    .replace(/ per inference$/, '')}${row.source === 'quality' ? ', points' : ''}`;
  return markup`<text class="axis" x="${middle.toFixed(1)}" y="14" text-anchor="middle">${title}</text><text class="tick hint" x="${middle.toFixed(1)}" y="31" text-anchor="middle">${row.direction === 'max' ? 'better →' : '← better'}</text>${ticks.map(
    ({ value, label }) =>
      markup`<line class="grid" x1="${at(value)}" x2="${at(value)}" y1="${top}" y2="${bottom}"/><text class="tick" x="${at(value)}" y="${bottom + 17}" text-anchor="middle">${label}</text>`,
  )}<line class="still" x1="${at(still)}" x2="${at(still)}" y1="${top}" y2="${bottom}"/>`;
}

function markSvg(entry: GuideEntry, { metric, scale }: Panel, device: number, y: number): Markup {
  const against: Against | undefined = entry.against[metric];
  if (!against || (against.scale === 'ratio' && against.change <= 0)) return markup``;
  const clamp = (value: number): number => Math.min(scale.domain[1], Math.max(scale.domain[0], value));
  const x = scale.at(clamp(against.change)).toFixed(1);
  return markup`<g class="series s${device + 1}${against.disturbed ? ' disturbed' : ''}">${
    against.low !== undefined &&
    against.high !== undefined &&
    markup`<line class="whisker" x1="${scale.at(clamp(against.low)).toFixed(1)}" x2="${scale.at(clamp(against.high)).toFixed(1)}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}"/>`
  }${deviceMark(device, Number(x), y)}</g>`;
}

/** One shape a device: colour is the second sign. */
export function deviceMark(device: number, x: number, y: number): Markup {
  const r = 3.6;
  const at = (dx: number, dy: number): string => `${(x + dx * r).toFixed(1)} ${(y + dy * r).toFixed(1)}`;
  switch (device) {
    case 0:
      return markup`<circle cx="${x}" cy="${y.toFixed(1)}" r="${r}"/>`;
    case 1:
      return markup`<path class="solid" d="M${at(0, -1.3)}L${at(1.3, 0)}L${at(0, 1.3)}L${at(-1.3, 0)}Z"/>`;
    case 2:
      return markup`<path class="solid" d="M${at(-1, -1)}H${(x + r).toFixed(1)}V${(y + r).toFixed(1)}H${(x - r).toFixed(1)}Z"/>`;
    case 3:
      return markup`<path class="solid" d="M${at(0, -1.2)}L${at(1.2, 1)}L${at(-1.2, 1)}Z"/>`;
    case 4:
      return markup`<path class="solid" d="M${at(0, 1.2)}L${at(1.2, -1)}L${at(-1.2, -1)}Z"/>`;
    default:
      return markup`<circle class="hollow" cx="${x}" cy="${y.toFixed(1)}" r="${r}"/>`;
  }
}

const shortened = (label: string): string => (label.length > 32 ? `${label.slice(0, 31)}…` : label);
