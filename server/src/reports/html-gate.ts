import { formatMetric, type Gate, type GateMissing, type GateRow, pointLabel } from '@hilltop/contracts';
import { changeReach, changeSvg } from './change-svg.js';
import { isAccepted, isNews, orderedRows } from './headline.js';
import { type Content, type Markup, markup } from './markup.js';
import { type Column, details, small, table, tag } from './page.js';
import { changeRange, changeText, counted, instantText, metricLabel, metricWord, percentText } from './words.js';

/** What changed since the baseline: every row with its interval, the environment, and what could not be compared. */
export function gateSection(gate: Gate): Markup {
  const rows = orderedRows(gate.rows);
  const [news, rest] = [rows.filter(isNews), rows.filter((row) => !isNews(row))];
  const columns = columnsOf(gate);
  return markup`<section id="changes"><h2>What changed since ${gate.baselineName}</h2>
<p class="note">Each result against the baseline’s, relative to the control measured in the same night. Bars are 95 % intervals; to the right is worse; the grey band is the ${percentText(gate.maxRegression)} that is let pass.</p>
${news.length === 0 ? markup`<p>Nothing: every result is within the threshold or accepted.</p>` : table('Results that changed or are not decided', news, columns)}
${rest.length > 0 && details(`${counted(rest.length, 'result')} the same or accepted`, table('Results that are the same or accepted', rest, columns))}
${environmentPart(gate)}${missingPart(gate)}</section>`;
}

function columnsOf({ rows, maxRegression }: Gate): Column<GateRow>[] {
  const reach = changeReach(rows, maxRegression);
  return [
    { title: 'Result', cell: (row) => [pointLabel(row), small(`${row.modelName} on ${row.deviceName}`)] },
    { title: 'Metric', kind: 'w', cell: (row) => metricLabel(row.metric) },
    { title: 'Before', align: 'right', cell: (row) => formatMetric(row.metric, row.baseline) },
    { title: 'Now', align: 'right', cell: (row) => formatMetric(row.metric, row.value) },
    { title: 'Change', align: 'right', cell: (row) => [changeText(row), small(changeRange(row))] },
    { title: 'better ← → worse', cell: (row) => changeSvg(row, reach, maxRegression) },
    { title: 'Verdict', cell: verdictCell },
  ];
}

function verdictCell(row: GateRow): Content {
  const { decision } = row;
  if (decision && isAccepted(row))
    return [
      tag('same', `${row.verdict}, accepted`),
      small(`by ${decision.by}, ${instantText(decision.at)}${decision.comment ? `: ${decision.comment}` : ''}`),
    ];
  return [tag(row.verdict, row.verdict), small(row.note)];
}

function environmentPart({ environment }: Gate): Content {
  if (environment.length === 0) return undefined;
  return markup`<h3>The environment changed by itself</h3><p class="note">The control is the same bytes in both nights; what it does differently is not the model’s doing.</p>
${table('Controls that changed', environment, [
  { title: 'Control', cell: ({ recipe, modelName, deviceName }) => [recipe, small(`${modelName} on ${deviceName}`)] },
  { title: 'Metric', kind: 'w', cell: ({ metric }) => metricLabel(metric) },
  {
    title: 'Change',
    align: 'right',
    cell: ({ ratio, low, high }) => {
      const change = { scale: 'ratio' as const, change: ratio, low, high };
      return [changeText(change), small(changeRange(change))];
    },
  },
  {
    title: 'What follows',
    cell: ({ severe }) =>
      severe
        ? 'too much to take out: nothing here is called worse or improved'
        : 'taken out by dividing by the control',
  },
])}`;
}

const reasons = {
  'not-measured': 'not measured',
  'not-clean': 'measured, but never clean',
  'not-comparable': 'measured, but as something else: another device type, protocol or sensor scope',
} as const satisfies Record<GateMissing['reason'], string>;

/** What a side lacks, in words. */
export const missingText = ({ in: side, reason, metric }: GateMissing): string =>
  `${metric === undefined ? '' : `${metricWord(metric)}: `}${reasons[reason]} in ${side === 'sweep' ? 'this sweep' : 'the baseline'}`;

function missingPart({ missing, verdict, counts }: Gate): Content {
  if (missing.length === 0) return undefined;
  return details(
    `${counted(missing.length, 'result')} could not be compared`,
    table('Results that could not be compared', missing, [
      { title: 'Result', cell: (row) => [pointLabel(row), small(`${row.modelName} on ${row.deviceName}`)] },
      { title: 'Why', cell: missingText },
    ]),
    { open: verdict === 'inconclusive' && counts.inconclusive === 0 },
  );
}
