import type { Frontier } from './frontier.js';
import { metricIds } from './metrics.js';

/**
 * What a spreadsheet takes for a formula: it looks past blanks, and knows the wide forms of the signs too. A number with a minus is
 * none.
 */
const formula = /^\s*[=+@\uff1d\uff0b\uff20\uff0d]|^[\t\r\n]|^\s*-(?!\d+(?:\.\d+)?(?:e[+-]?\d+)?$)/i;

/** RFC 4180; a cell that a spreadsheet would take for a formula is made text. */
export function csvCell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One line a point, every metric that any point has with its interval; ids carry the units. The same file from CLI and page. */
export function frontierCsv(frontier: Pick<Frontier, 'modelName' | 'protocol' | 'devices'>): string {
  const used = metricIds.filter((metric) =>
    frontier.devices.some((device) => device.points.some((point) => point.metrics[metric])),
  );
  const heading = [
    'model',
    'protocol',
    'device',
    'emulated',
    'recipe',
    'variant',
    'threads',
    'graph_level',
    'runtime',
    'provider',
    'precision',
    'sha256',
    'status',
    'probability',
    'verdict',
    ...used.flatMap((metric) => [metric, `${metric}_low`, `${metric}_high`]),
  ];
  const rows = frontier.devices.flatMap(({ device, points }) =>
    points.map((point) => [
      frontier.modelName,
      frontier.protocol,
      device.name,
      String(device.emulated),
      point.recipe,
      point.variant,
      point.settings.threads,
      point.settings.graphLevel,
      point.settings.runtime,
      point.settings.provider,
      point.settings.precision,
      point.artifact.sha256,
      point.status,
      point.probability,
      point.verdict,
      ...used.flatMap((metric) => [
        point.metrics[metric]?.value,
        point.metrics[metric]?.low,
        point.metrics[metric]?.high,
      ]),
    ]),
  );
  return [heading, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}
