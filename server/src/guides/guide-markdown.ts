import { formatInterval, formatMetric, type Guide, type GuideDevice, pointLabel } from '@hilltop/contracts';
import { markdownCode, markdownTable, markdownText } from '../reports/markdown-text.js';
import { counted, instantText, metricLabel } from '../reports/words.js';
import { nameOf, statusText } from './guide-html.js';
import { againstRange, againstText, bestOfEach, boughtText, techniqueText, wishNames } from './guide-text.js';

/** A guide as a page of a repository. */
export function guideMarkdown(guide: Guide): string {
  const { model, devices } = guide;
  return `${[
    `# What compression buys ${markdownText(model.name)}`,
    `${formatMetric('size_bytes', model.bytes)}, ${formatMetric('parameters', model.parameters)} parameters; ${guide.protocol} protocol. Made ${instantText(guide.createdAt)} from this lab’s own results: it holds for the devices below, not for yours. Intervals are 95 %.`,
    ...devices.map((each) => deviceText(each, guide)),
  ].join('\n\n')}\n`;
}

function deviceText(each: GuideDevice, guide: Guide): string {
  const best = bestOfEach(each.entries, guide.metrics);
  return [
    `## ${markdownText(nameOf(each))}`,
    markdownText(each.device.type),
    ...(each.advice.length > 0 ? [adviceTable(each)] : []),
    ...(best.length > 0
      ? [
          '### What each technique bought',
          markdownTable(
            ['technique', 'its best variant here', 'what it bought', 'frontier'],
            best.map((entry) => [
              techniqueText(entry),
              markdownCode(pointLabel(entry)),
              markdownText(boughtText(entry, guide)),
              statusText[entry.status],
            ]),
          ),
        ]
      : []),
    `### All ${counted(each.entries.length, 'result')}`,
    resultTable(each, guide),
    ...(each.gaps.length > 0
      ? ['### Not known', each.gaps.map(({ text }) => `- ${markdownText(text)}`).join('\n')]
      : []),
  ].join('\n\n');
}

function adviceTable({ advice }: GuideDevice): string {
  return markdownTable(
    ['for', 'take', 'why'],
    advice.map(({ prefer, name, reason }) => [
      wishNames[prefer] ?? markdownText(metricLabel(prefer)),
      name ? markdownCode(name) : '–',
      markdownText(reason),
    ]),
  );
}

function resultTable({ entries }: GuideDevice, { metrics }: Guide): string {
  const shown = metrics.filter((metric) => entries.some((entry) => entry.metrics[metric]));
  return markdownTable(
    ['variant', 'technique', ...shown.map((metric) => markdownText(metricLabel(metric))), 'frontier'],
    entries.map((entry) => [
      markdownCode(pointLabel(entry)),
      techniqueText(entry),
      ...shown.map((metric) => {
        const value = entry.metrics[metric];
        if (!value) return '–';
        const one = entry.against[metric];
        const range = one && againstRange(one);
        return `${formatInterval(metric, value)}${one ? `<br>${againstText(one)}${range ? ` (${range})` : ''}${one.disturbed ? ', disturbed' : ''}` : ''}`;
      }),
      statusText[entry.status],
    ]),
    shown.map((_, i) => i + 2),
  );
}
