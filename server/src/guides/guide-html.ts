import {
  formatInterval,
  formatMetric,
  type Guide,
  type GuideDevice,
  type GuideEntry,
  pointLabel,
} from '@hilltop/contracts';
import { type Content, type Markup, markup } from '../reports/markup.js';
import { type Column, details, page, small, table } from '../reports/page.js';
import { counted, instantText, metricLabel } from '../reports/words.js';
import { deviceMark, guideSvg, mostDevices } from './guide-svg.js';
import { againstRange, againstText, bestOfEach, boughtText, techniqueText, wishNames } from './guide-text.js';

/** A guide as one page: no script, nothing fetched, opens from a disk. */
export function guideHtml(guide: Guide): string {
  const { model, devices } = guide;
  const measured = devices.reduce((sum, { entries }) => sum + entries.length, 0);
  const svg = guideSvg(guide, 'bought');
  const body = markup`<header><p class="eyebrow">Hilltop guide</p><h1>What compression buys ${model.name}</h1>
<p class="meta">${formatMetric('size_bytes', model.bytes)} · ${formatMetric('parameters', model.parameters)} parameters · ${counted(measured, 'result')} on ${counted(devices.length, 'device')} · ${guide.protocol} protocol · ${instantText(guide.createdAt)}</p></header>
<section id="take"><h2>What to take</h2>${devices.map(
    (each) =>
      markup`<h3>${nameOf(each)}</h3>${
        each.advice.length === 0
          ? markup`<p>No result here can be recommended yet.</p>`
          : markup`<ul class="ship">${each.advice.map(
              ({ prefer, tone, name, reason }) =>
                markup`<li><span>${wishNames[prefer] ?? metricLabel(prefer)}</span><div><b>${name ?? (tone === 'none' ? 'Nothing yet' : 'Not sure yet')}</b><p>${reason}</p></div></li>`,
            )}</ul>`
      }`,
  )}</section>
<section id="bought"><h2>What each variant bought</h2><p class="note">Against fp32 under the same run settings; the line is fp32. Marks without a whisker have nothing uncertain about them; hollow ones were disturbed while they were measured; the others show 95 % intervals: of latencies with what runs differ by from one to the next, of qualities item by item.</p>
${svg && devices.length > 1 && legend(devices)}${svg ? markup`<figure tabindex="0">${svg}</figure>` : markup`<p>Nothing has been measured beside fp32 yet.</p>`}
${devices.length > mostDevices && markup`<p class="note">The picture has the first ${mostDevices} devices; the tables have all.</p>`}</section>
${devices.map((each) => deviceSection(each, guide))}
<footer>Made ${instantText(guide.createdAt)} by Hilltop ${guide.lab.version}, lab ${guide.lab.id}, from its own results. Intervals are 95 %; MB is 10⁶ bytes. Another machine, another answer: measure on yours.</footer>`;
  return page({ title: `What compression buys ${model.name}`, body });
}

export const nameOf = ({ device }: Pick<GuideDevice, 'device'>): string =>
  `${device.name}${device.emulated ? ' (emulated)' : ''}`;

function legend(devices: readonly GuideDevice[]): Markup {
  return markup`<ul class="legend">${devices
    .slice(0, mostDevices)
    .map(
      (each, d) =>
        each.entries.some(({ recipe, against }) => recipe !== 'fp32' && Object.keys(against).length > 0) &&
        markup`<li><svg class="series s${d + 1}" viewBox="0 0 22 14" aria-hidden="true">${deviceMark(d, 11, 7)}</svg>${nameOf(each)}</li>`,
    )}</ul>`;
}

function deviceSection(each: GuideDevice, guide: Guide): Markup {
  const best = bestOfEach(each.entries, guide.metrics);
  return markup`<section><h2>${nameOf(each)}</h2><p class="note">${each.device.type}${each.hypervolume !== undefined && `; hypervolume ${each.hypervolume.toFixed(3)} (fp32 alone: 1)`}${each.energy && `; energy is that of ${each.energy.scope}${each.energy.simulated ? ', simulated' : ''}`}</p>
${
  best.length > 0 &&
  table(`What each technique bought on ${each.device.name}`, best, [
    { title: 'Technique', cell: techniqueText },
    { title: 'Its best variant here', cell: pointLabel },
    { title: 'What it bought', kind: 'why', cell: (entry) => boughtText(entry, guide) },
    { title: 'Frontier', kind: 'w', cell: ({ status }) => statusText[status] },
  ])
}
${details(`All ${counted(each.entries.length, 'result')}`, resultTable(each, guide))}
${gapList(each)}</section>`;
}

export const statusText = { on: 'on it', uncertain: 'perhaps on it', dominated: 'dominated' } as const;

function resultTable({ entries, device }: GuideDevice, { metrics }: Guide): Markup {
  const shown = metrics.filter((metric) => entries.some((entry) => entry.metrics[metric]));
  return table(`All results on ${device.name}`, entries, [
    { title: 'Variant', cell: (entry) => [pointLabel(entry), small(techniqueText(entry))] },
    ...shown.map(
      (metric): Column<GuideEntry> => ({
        title: metricLabel(metric),
        align: 'right',
        cell: (entry) => resultCell(entry, metric),
      }),
    ),
    {
      title: 'Frontier',
      cell: ({ status, verdict, unstable }) => [
        statusText[status],
        small(verdict === 'clean' ? undefined : `${verdict}${unstable ? ', unstable' : ''}`),
      ],
    },
  ]);
}

function resultCell({ metrics, against }: GuideEntry, metric: keyof GuideEntry['metrics']): Content {
  const value = metrics[metric];
  if (!value) return '–';
  const one = against[metric];
  const range = one && againstRange(one);
  return [
    formatInterval(metric, value),
    one && small(`${againstText(one)}${range ? ` (${range})` : ''}${one.disturbed ? ', disturbed' : ''}`),
  ];
}

function gapList({ gaps }: GuideDevice): Content {
  if (gaps.length === 0) return undefined;
  return markup`<h3>Not known</h3><ul class="gaps">${gaps.map(({ text }) => markup`<li>${text}</li>`)}</ul>`;
}
