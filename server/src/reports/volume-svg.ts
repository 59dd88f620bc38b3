import { formatNumber, linearTicks, type Trial } from '@hilltop/contracts';
import { type Markup, markup } from './markup.js';

/** The hypervolume of one model on one device, trial after trial. */
export interface VolumeSeries {
  readonly label: string;
  /** `n`: so many trials had ended there. */
  readonly steps: ReadonlyArray<{ readonly n: number; readonly trial: number; readonly volume: number }>;
}

/** More lines than these could not be told apart. */
const mostSeries = 6;

/** One series a device, of the trials of one model; those without a volume count as trials all the same. */
export function volumeSeries(trials: readonly Trial[]): VolumeSeries[] {
  const byDevice = new Map<string, Trial[]>();
  for (const trial of trials) {
    if (trial.endedAt === undefined || trial.state === 'skipped') continue;
    const list = byDevice.get(trial.deviceName);
    if (list) list.push(trial);
    else byDevice.set(trial.deviceName, [trial]);
  }
  return [...byDevice]
    .map(([label, list]) => ({
      label,
      steps: list
        .sort((a, b) => Date.parse(a.endedAt!) - Date.parse(b.endedAt!) || a.number - b.number)
        .flatMap(({ hypervolume, number }, i) =>
          hypervolume === undefined ? [] : [{ n: i + 1, trial: number, volume: hypervolume }],
        ),
    }))
    .filter(({ steps }) => steps.length > 0);
}

const plot = { left: 64, top: 14, right: 760, bottom: 210 } as const;
const size = { width: 920, height: 256 } as const;

/** Lines that only ever rise: what the search gained. */
export function volumeSvg(
  series: readonly VolumeSeries[],
  { id, title }: { readonly id: string; readonly title: string },
): Markup | undefined {
  const shown = series.slice(0, mostSeries);
  const all = shown.flatMap(({ steps }) => steps);
  if (all.length === 0) return undefined;
  const most = Math.max(2, ...all.map(({ n }) => n));
  const [low, high] = [Math.min(...all.map(({ volume }) => volume)), Math.max(...all.map(({ volume }) => volume))];
  const room = (high - low || high || 1) * 0.1;
  const domain: [number, number] = [Math.max(0, low - room), high + room];
  const x = (n: number): number => plot.left + ((n - 1) / (most - 1)) * (plot.right - plot.left);
  const y = (v: number): number => plot.bottom - ((v - domain[0]) / (domain[1] - domain[0])) * (plot.bottom - plot.top);
  const path = ({ steps }: VolumeSeries): string =>
    `${steps.map(({ n, volume }, i) => (i === 0 ? `M${x(n).toFixed(1)} ${y(volume).toFixed(1)}` : `H${x(n).toFixed(1)}V${y(volume).toFixed(1)}`)).join('')}`;
  const names = spread(shown.map(({ steps }) => y(steps.at(-1)!.volume)));
  const ticks = linearTicks([1, most], 8).filter((tick) => Number.isInteger(tick));
  return markup`<svg class="chart" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${id}-title">
<title id="${id}-title">${title}</title>
<g aria-hidden="true">${linearTicks(domain, 4).map(
    (tick) =>
      markup`<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/><text class="tick" x="${plot.left - 9}" y="${y(tick).toFixed(1)}" dy="0.34em" text-anchor="end">${formatNumber(tick)}</text>`,
  )}${ticks.map(
    (tick) =>
      markup`<text class="tick" x="${x(tick).toFixed(1)}" y="${plot.bottom + 18}" text-anchor="middle">${tick}</text>`,
  )}<text class="axis" x="${(plot.left + plot.right) / 2}" y="${size.height - 8}" text-anchor="middle">trials ended on the device</text><text class="axis" transform="translate(13 ${(plot.top + plot.bottom) / 2}) rotate(-90)" text-anchor="middle">hypervolume  better →</text></g>
${shown.map((one, i) => {
  const last = one.steps.at(-1)!;
  return markup`<g class="series s${i + 1}"><path d="${path(one)}"/><circle cx="${x(last.n).toFixed(1)}" cy="${y(last.volume).toFixed(1)}" r="3.5"/><path class="lead" d="M${(x(last.n) + 5).toFixed(1)} ${y(last.volume).toFixed(1)}L${plot.right + 10} ${names[i]!.toFixed(1)}"/><text x="${plot.right + 14}" y="${names[i]!.toFixed(1)}" dy="0.34em">${one.label}</text></g>`;
})}
</svg>`;
}

const lineHeight = 15;

/** Places for names beside the ends of their lines that do not cover each other. */
function spread(wanted: readonly number[]): number[] {
  const order = wanted.map((at, i) => ({ at, i })).sort((a, b) => a.at - b.at);
  let free = plot.top;
  const placed = order.map(({ at, i }) => {
    const y = Math.max(at, free);
    free = y + lineHeight;
    return { y, i };
  });
  // What was pushed out at the bottom moves up again.
  let limit: number = plot.bottom;
  for (const each of placed.reverse()) {
    each.y = Math.min(each.y, limit);
    limit = each.y - lineHeight;
  }
  return placed.sort((a, b) => a.i - b.i).map(({ y }) => y);
}
