import {
  type FrontierPoint,
  formatInterval,
  formatShare,
  type MetricId,
  metricIds,
  pointLabel,
  type ReportFrontier,
} from '@hilltop/contracts';
import { frontierSvg } from './frontier-svg.js';
import { type Content, Markup, markup } from './markup.js';
import { type Column, details, table } from './page.js';
import { shipOf } from './ship.js';
import { counted, metricLabel } from './words.js';

/** What to take on each device, and the frontiers that say so. */
export function frontierSections(frontiers: readonly ReportFrontier[]): Markup {
  if (frontiers.length === 0)
    return markup`<section id="frontier"><h2>Frontier</h2><p>No run of this sweep has succeeded yet: there is no frontier.</p></section>`;
  const several = new Set(frontiers.map(({ modelId }) => modelId)).size > 1;
  return markup`<section id="ship"><h2>What to ship</h2><ul class="ship">${frontiers.map((each) => {
    const { tone, name, reason } = shipOf(each);
    return markup`<li><span>${placeName(each, several)}</span><div><b>${name ?? (tone === 'none' ? 'Nothing yet' : 'Not sure yet')}</b><p>${reason}</p></div></li>`;
  })}</ul></section>
<section id="frontier"><h2>Frontier</h2>
<p class="note">A point is a variant under its run settings, by its newest clean run in this sweep. A circle is surely on the frontier (in at least 95 of 100 redraws of the measurements), a diamond perhaps, a small ring is dominated.</p>
${legend(frontiers)}
${frontiers.map((each, i) => frontierPart(each, i, several))}</section>`;
}

export const placeName = ({ frontier: { device }, modelName }: ReportFrontier, several: boolean): string =>
  `${several ? `${modelName} on ` : ''}${device.name}${device.emulated ? ' (emulated)' : ''}`;

function frontierPart(each: ReportFrontier, i: number, several: boolean): Markup {
  const { frontier, objectives, protocol, before } = each;
  const name = placeName(each, several);
  const svg = frontierSvg(each, {
    id: `frontier-${i}`,
    title: `Frontier of ${each.modelName} on ${frontier.device.name}`,
    ship: shipOf(each).key,
  });
  const left = Object.entries(frontier.excluded).map(([reason, n]) => `${n} ${reason}`);
  const caption = [
    `${protocol} protocol`,
    counted(frontier.points.length, 'point'),
    ...(frontier.hypervolume === undefined ? [] : [`hypervolume ${frontier.hypervolume.toFixed(3)} (fp32 alone: 1)`]),
    ...(before?.hypervolume === undefined ? [] : [`baseline ${before.hypervolume.toFixed(3)}`]),
    ...(left.length > 0 ? [`left out: ${left.join(', ')}`] : []),
  ].join(' · ');
  return markup`<h3>${name}</h3><figure tabindex="0">${svg ?? markup`<p>No point has both ${objectives.map(({ metric }) => metricLabel(metric)).join(' and ')}: there is nothing to draw.</p>`}<figcaption>${caption}</figcaption></figure>
${details('Every point as a table', pointTable(each, name))}`;
}

function pointTable({ frontier, objectives }: ReportFrontier, name: string): Markup {
  const first = objectives.map(({ metric }) => metric);
  const wanted: readonly MetricId[] = [
    'latency_p90_ms',
    'size_bytes',
    'memory_peak_bytes',
    'energy_mj',
    'accuracy',
    'agreement',
  ];
  const shown = [
    ...first,
    ...metricIds.filter(
      (metric) =>
        wanted.includes(metric) && !first.includes(metric) && frontier.points.some((point) => point.metrics[metric]),
    ),
  ];
  return table(`Points of the frontier of ${name}`, sorted(frontier.points, first[0]!), [
    { title: 'Variant', cell: pointLabel },
    { title: 'Status', cell: ({ status }) => status },
    { title: 'In redraws', align: 'right', cell: ({ probability }) => formatShare(probability) },
    ...shown.map(
      (metric): Column<FrontierPoint> => ({
        title: metricLabel(metric),
        align: 'right',
        cell: ({ metrics }) => (metrics[metric] ? formatInterval(metric, metrics[metric]) : '–'),
      }),
    ),
    { title: 'Verdict', cell: ({ verdict, unstable }) => (unstable ? `${verdict}, unstable` : verdict) },
  ]);
}

const rank = { on: 0, uncertain: 1, dominated: 2 } as const;
const sorted = (points: readonly FrontierPoint[], by: MetricId): FrontierPoint[] =>
  [...points].sort(
    (a, b) =>
      rank[a.status] - rank[b.status] || (a.metrics[by]?.value ?? Infinity) - (b.metrics[by]?.value ?? Infinity),
  );

/** Only what the pictures have. */
function legend(frontiers: readonly ReportFrontier[]): Markup {
  const points = frontiers.flatMap(({ frontier }) => frontier.points);
  const item = (picture: string, text: string): Markup =>
    markup`<li><svg viewBox="0 0 22 14" aria-hidden="true">${new Markup(picture)}</svg>${text}</li>`;
  const has = (status: FrontierPoint['status']): boolean => points.some((point) => point.status === status);
  const items: Content[] = [
    has('on') && item('<g class="on"><circle class="mark" cx="11" cy="7" r="5.5"/></g>', 'on the frontier'),
    has('uncertain') &&
      item('<g class="uncertain"><path class="mark" d="M11 .5L17.5 7L11 13.500L4.5 7Z"/></g>', 'perhaps on it'),
    has('dominated') && item('<g class="dominated"><circle class="mark" cx="11" cy="7" r="3"/></g>', 'dominated'),
    points.some(({ verdict }) => verdict === 'disturbed') &&
      item('<path class="triangle" d="M11 3.500l3.8 6.800h-7.600z"/>', 'disturbed while measured'),
    frontiers.some(({ objectives }) => objectives.length === 2) &&
      item('<rect class="band" x="1" y="2" width="20" height="10"/>', '95 % intervals of the frontier'),
    frontiers.some(({ before }) => before) && item('<path class="ghost" d="M0 7H22"/>', 'baseline'),
  ];
  return markup`<ul class="legend">${items}</ul>`;
}
