import {
  formatInterval,
  formatMetric,
  formatNumber,
  type Gate,
  type GateRow,
  pointLabel,
  type Report,
  type ReportFrontier,
  signalText,
} from '@hilltop/contracts';
import { headlineOf, isAccepted, isNews, orderedRows } from './headline.js';
import { placeName } from './html-frontiers.js';
import { missingText } from './html-gate.js';
import { modelNames } from './html-trials.js';
import { markdownCode, markdownDetails, markdownTable, markdownText } from './markdown-text.js';
import { shipOf } from './ship.js';
import { topTrials } from './top-trials.js';
import { changeRange, changeText, counted, durationText, metricLabel, percentText } from './words.js';

/** What fits into a comment of a pull request beside everything else; GitHub takes 65,536 characters. */
const mostRows = 60;
const mostTrials = 10;

const signs = {
  improved: '🔼',
  same: '✅',
  neutral: '✅',
  worse: '🔻',
  failed: '🔻',
  inconclusive: '⚠️',
} as const;

/** A report for a pull request: the verdict first, then what changed; the rest is folded away. */
export function reportMarkdown(report: Report): string {
  const { tone, verdict, sentence } = headlineOf(report);
  return `${[
    `### ${signs[tone]} ${markdownText(report.title)}: ${markdownText(verdict)}`,
    markdownText(sentence),
    ...(report.gate ? gateParts(report.gate) : []),
    ...shipParts(report.frontiers),
    ...trialParts(report),
    ...environmentParts(report),
    footer(report),
  ].join('\n\n')}\n`;
}

function gateParts(gate: Gate): string[] {
  const rows = orderedRows(gate.rows);
  const [news, rest] = [rows.filter(isNews), rows.filter((row) => !isNews(row))];
  return [
    ...(news.length > 0 ? [rowTable(news.slice(0, mostRows))] : []),
    ...(news.length > mostRows ? [`${news.length - mostRows} more in the HTML report.`] : []),
    ...gate.environment.map(
      ({ recipe, modelName, deviceName, metric, ratio, low, high, severe }) =>
        `> **The environment changed by itself**: ${markdownText(metricLabel(metric))} of the control ${markdownCode(recipe)} (${markdownText(modelName)} on ${markdownText(deviceName)}) ${changeText({ scale: 'ratio', change: ratio, low, high })}${severe ? ': nothing there is called worse or improved' : ', taken out'}.`,
    ),
    ...(rest.length > 0
      ? [markdownDetails(`${counted(rest.length, 'result')} the same or accepted`, rowTable(rest.slice(0, mostRows)))]
      : []),
    ...(gate.missing.length > 0
      ? [
          markdownDetails(
            `${counted(gate.missing.length, 'result')} not compared`,
            markdownTable(
              ['result', 'why'],
              gate.missing.slice(0, mostRows).map((row) => [place(row), markdownText(missingText(row))]),
            ),
          ),
        ]
      : []),
  ];
}

const place = (row: Pick<GateRow, 'recipe' | 'settings' | 'modelName' | 'deviceName'>): string =>
  `${markdownCode(pointLabel(row))}, ${markdownText(row.modelName)} on ${markdownText(row.deviceName)}`;

function rowTable(rows: readonly GateRow[]): string {
  return markdownTable(
    ['verdict', 'result', 'metric', 'before', 'now', 'change'],
    rows.map((row) => {
      const range = changeRange(row);
      return [
        `${signs[row.verdict]} ${row.verdict}${isAccepted(row) ? ` (accepted by ${markdownText(row.decision!.by)})` : ''}`,
        place(row),
        markdownText(metricLabel(row.metric)),
        formatMetric(row.metric, row.baseline),
        formatMetric(row.metric, row.value),
        `${changeText(row)}${range ? ` (${range})` : ''}${row.note && isNews(row) ? `<br>${markdownText(row.note)}` : ''}`,
      ];
    }),
    [3, 4],
  );
}

function shipParts(frontiers: readonly ReportFrontier[]): string[] {
  if (frontiers.length === 0) return [];
  const several = new Set(frontiers.map(({ modelId }) => modelId)).size > 1;
  return [
    '**What to ship**',
    markdownTable(
      ['device', 'variant', 'why'],
      frontiers.map((each) => {
        const { name, reason } = shipOf(each);
        return [markdownText(placeName(each, several)), name ? markdownCode(name) : '–', markdownText(reason)];
      }),
    ),
    ...frontiers.map((each) =>
      markdownDetails(`Frontier of ${markdownText(placeName(each, several))}`, pointTable(each)),
    ),
  ];
}

function pointTable({ frontier, objectives }: ReportFrontier): string {
  const kept = frontier.points.filter(({ status }) => status !== 'dominated').slice(0, mostRows);
  const dominated = frontier.points.length - frontier.points.filter(({ status }) => status !== 'dominated').length;
  const table = markdownTable(
    ['variant', 'status', ...objectives.map(({ metric }) => markdownText(metricLabel(metric)))],
    kept.map((point) => [
      markdownCode(pointLabel(point)),
      point.status,
      ...objectives.map(({ metric }) => (point.metrics[metric] ? formatInterval(metric, point.metrics[metric]) : '–')),
    ]),
    objectives.map((_, i) => i + 2),
  );
  return `${table}\n\n${dominated > 0 ? `${counted(dominated, 'point')} dominated. ` : ''}${
    frontier.hypervolume === undefined ? '' : `Hypervolume ${frontier.hypervolume.toFixed(3)} (fp32 alone: 1).`
  }`;
}

function trialParts(report: Report): string[] {
  const top = topTrials(report).slice(0, mostTrials);
  if (top.length === 0) return [];
  const models = modelNames(report);
  return [
    markdownDetails(
      `Trials: ${report.trials.length + report.trialsLeftOut} in all`,
      markdownTable(
        ['trial', 'point', 'why it was tried', 'gain'],
        top.map(({ trial, gain }) => [
          String(trial.number),
          `${markdownCode(pointLabel(trial))}, ${models.size > 1 ? `${markdownText(models.get(trial.modelId)!)} on ` : ''}${markdownText(trial.deviceName)}`,
          markdownText(trial.why),
          gain === undefined ? '–' : gain > 0 ? `+${formatNumber(gain)}` : '0',
        ]),
        [0, 3],
      ),
    ),
  ];
}

function environmentParts({ devices }: Report): string[] {
  if (devices.length === 0) return [];
  return [
    markdownDetails(
      'Environment',
      markdownTable(
        ['device', 'hardware', 'software', 'floor p50', 'runs'],
        devices.map((device) => [
          `${markdownText(device.name)}${device.emulated ? ' (emulated)' : ''}`,
          markdownText(device.cpu ?? device.type),
          markdownText(device.runtimes.join('; ')) || '–',
          device.floor ? formatMetric('latency_p50_ms', device.floor.latencyP50Ms) : 'not measured',
          markdownText(
            [
              ...(['clean', 'disturbed', 'invalid', 'failed'] as const)
                .filter((state) => device.runs[state] > 0)
                .map((state) => `${device.runs[state]} ${state}`),
              ...device.disturbedBy.slice(0, 2).map(({ signal }) => signalText(signal)),
            ].join(', '),
          ),
        ]),
        [3],
      ),
    ),
  ];
}

function footer({ sweep, gate, lab }: Report): string {
  const parts = [
    gate && `gate ${markdownCode(gate.id)} with a threshold of ${percentText(gate.maxRegression)}`,
    sweep &&
      `sweep ${markdownCode(sweep.id)}, ${counted(sweep.used.runs, 'run')} in ${durationText(sweep.used.wallMinutes * 60)}`,
    `Hilltop ${markdownText(lab.version)}`,
  ];
  return `<sub>${parts.filter(Boolean).join(' · ')} · 95 % intervals</sub>`;
}
