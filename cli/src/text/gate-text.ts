import { type Gate, type GateMissing, type GateRow, type GateVerdict, settingsWords } from '@hilltop/contracts';
import { plain, type Style } from './style.js';
import { table } from './table.js';
import { formatMetric, significant } from './units.js';

export const gateMarks = {
  improved: '▲',
  same: '●',
  worse: '✗',
  inconclusive: '◇',
} as const satisfies Record<GateVerdict, string>;

/** The mark and the word; meaning never rests on colour alone. */
export function verdictText(verdict: GateVerdict, style: Style): string {
  const paint = { improved: style.good, same: style.good, worse: style.bad, inconclusive: style.warn }[verdict];
  return paint(`${gateMarks[verdict]} ${verdict}`);
}

/** What needs a person comes first. */
const order = ['worse', 'inconclusive', 'improved', 'same'] as const satisfies readonly GateVerdict[];

/** Signed per cent, or points of a quality: `+3.1 %`, `-0.4 points`. */
export function changeText({ scale }: Pick<GateRow, 'scale'>, value: number, unit = true): string {
  const percent = 100 * (scale === 'ratio' ? value - 1 : value);
  const number = Math.abs(percent) < 0.005 ? '0' : significant(percent, Math.abs(percent) < 1 ? 2 : 3);
  const signed = `${percent > 0 && number !== '0' ? '+' : ''}${number}`;
  return unit ? `${signed} ${scale === 'ratio' ? '%' : 'points'}` : signed;
}

/** What changed by how much, with its interval and verdict; then the environment, what is missing, and what would settle the rest. */
export function gateText(gate: Gate, style: Style = plain): string {
  const rows = [...gate.rows].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict) || a.row - b.row);
  return [
    `${verdictText(gate.verdict, style)}  ${style.bold(gate.sweepName)} (${gate.sweepId}) against ${style.bold(gate.baselineName)} (${gate.baselineSweepId}), threshold ${significant(100 * gate.maxRegression, 2)} %  ${style.dim(gate.id)}\n`,
    ...gate.environment.map(
      (e) =>
        `environment: ${e.recipe} of ${e.modelName} on ${e.deviceName} changed too, ${e.metric} ${changeText({ scale: 'ratio' }, e.ratio)}; ${e.severe ? 'too much to compare by: no alarm there' : 'taken out of what follows'}\n`,
    ),
    '\n',
    table(
      rows,
      [
        { title: 'row', align: 'right', cell: ({ row }) => String(row) },
        { title: 'model', cell: ({ modelName }) => modelName },
        { title: 'recipe', cell: ({ recipe, settings }) => [recipe, ...settingsWords(settings)].join(', ') },
        { title: 'device', cell: ({ deviceName }) => deviceName },
        { title: 'metric', cell: ({ metric }) => metric },
        { title: 'before', align: 'right', cell: ({ metric, baseline }) => formatMetric(metric, baseline) },
        { title: 'now', align: 'right', cell: ({ metric, value }) => formatMetric(metric, value) },
        { title: 'change', align: 'right', cell: (row) => changeText(row, row.change) },
        {
          title: '95 %',
          align: 'right',
          cell: (row) =>
            row.low === row.high
              ? 'exact'
              : `${changeText(row, row.low, false)} .. ${changeText(row, row.high, false)}`,
        },
        { title: 'verdict', cell: ({ verdict }) => verdictText(verdict, style) },
        {
          title: 'said',
          cell: ({ decision }) =>
            decision && `${decision.state} by ${decision.by}${decision.comment ? `: ${decision.comment}` : ''}`,
        },
      ],
      style,
    ),
    ...missingText(gate.missing),
    ...remedies(rows),
  ].join('');
}

function missingText(missing: readonly GateMissing[]): string[] {
  if (missing.length === 0) return [];
  return [
    '\n',
    ...missing.map(
      ({ recipe, settings, modelName, deviceName, metric, in: where, reason }) =>
        `missing in the ${where}: ${[recipe, ...settingsWords(settings)].join(', ')} of ${modelName} on ${deviceName}${metric ? `, ${metric}` : ''} (${reason})\n`,
    ),
  ];
}

/** The same remedy once, with the rows that it is for. */
function remedies(rows: readonly GateRow[]): string[] {
  const byNote = new Map<string, number[]>();
  for (const { row, note, decision } of rows)
    if (note !== undefined && decision?.state !== 'accepted') byNote.set(note, [...(byNote.get(note) ?? []), row]);
  if (byNote.size === 0) return [];
  return ['\n', ...[...byNote].map(([note, of]) => `row ${of.join(', ')}: ${note}\n`)];
}
