import {
  type Against,
  type Guide,
  type GuideDevice,
  type GuideEntry,
  type MetricId,
  metrics as metricTable,
  settingsWords,
  techniqueNames,
} from '@hilltop/contracts';
import { plain, type Style } from './style.js';
import { table } from './table.js';
import { formatMetric, significant } from './units.js';

/** A guide for people: on each device what to take and why, what each variant came to against fp32, and what is not known. */
export function guideText(guide: Guide, style: Style = plain): string {
  return guide.devices.map((device) => deviceText(device, guide, style)).join('\n');
}

function deviceText({ device, entries, advice, gaps }: GuideDevice, guide: Guide, style: Style): string {
  const { model, protocol, metrics } = guide;
  const shown = metrics.filter((metric) => entries.some((entry) => entry.metrics[metric]));
  return [
    `${style.bold(device.name)}${device.emulated ? ' (emulated)' : ''}: ${model.name}, protocol ${protocol}\n`,
    style.dim(`${device.type}\n`),
    ...advice.map(
      ({ prefer, name, reason }) =>
        `${metricTable[prefer].label}: ${name === undefined ? '' : `${style.bold(name)}, `}${reason}\n`,
    ),
    '\n',
    table(
      entries,
      [
        { title: 'Variant', cell: ({ recipe, settings }) => [recipe, ...settingsWords(settings)].join(', ') },
        { title: 'Technique', cell: ({ techniques }) => techniques.map((each) => techniqueNames[each]).join(' + ') },
        ...shown.map((metric) => ({
          title: metricTable[metric].label,
          align: 'right' as const,
          cell: (entry: GuideEntry) => resultText(entry, metric),
        })),
        { title: 'Status', cell: ({ status }) => status },
        { title: 'Verdict', cell: ({ verdict }) => (verdict === 'clean' ? undefined : verdict) },
      ],
      style,
    ),
    ...gaps.map(({ text }) => style.dim(`not known: ${text}\n`)),
  ].join('');
}

/** `7.90 ms, 0.64x`: the value and what it is of fp32's. */
function resultText({ metrics, against }: GuideEntry, metric: MetricId): string | undefined {
  const value = metrics[metric];
  if (!value) return undefined;
  const one = against[metric];
  return `${formatMetric(metric, value.value)}${one ? `, ${againstText(one)}` : ''}`;
}

function againstText({ scale, change, disturbed }: Against): string {
  if (scale === 'ratio') return `${significant(change)}x${disturbed ? ' disturbed' : ''}`;
  return `${change > 0 ? '+' : ''}${significant(100 * change, 2)} points`;
}
