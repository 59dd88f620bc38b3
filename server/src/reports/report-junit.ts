import { formatMetric, type Gate, type GateRow, pointLabel, type Report, type Trial } from '@hilltop/contracts';
import { headlineOf, isAccepted } from './headline.js';
import { missingText } from './html-gate.js';
import { modelNames } from './html-trials.js';
import { type Content, type Markup, markup } from './markup.js';
import { changeRange, changeText, metricLabel } from './words.js';

interface Case {
  readonly suite: string;
  readonly className: string;
  readonly name: string;
  readonly seconds?: number;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** One line. */
  readonly message?: string;
  readonly type?: string;
  readonly text?: string;
}

/**
 * JUnit's XML, as build servers read it. With a gate a case a row: `worse` fails, `inconclusive` is skipped, an accepted one passes;
 * without, a case a trial. One suite a device.
 */
export function reportJunit(report: Report): string {
  const { gate } = report;
  const cases = gate ? gateCases(gate) : trialCases(report);
  const suites = new Map<string, Case[]>();
  for (const each of cases) {
    const list = suites.get(each.suite);
    if (list) list.push(each);
    else suites.set(each.suite, [each]);
  }
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${report.title}: ${headlineOf(report).verdict}" ${totals(cases)}>
${[...suites].map(
  ([name, list]) => markup`<testsuite name="${name}" ${totals(list)} timestamp="${report.createdAt.slice(0, 19)}">
${list.map(caseXml)}</testsuite>
`,
)}</testsuites>
`.text;
}

function totals(cases: readonly Case[]): Markup {
  const count = (outcome: Case['outcome']): number => cases.filter((each) => each.outcome === outcome).length;
  const seconds = cases.reduce((sum, each) => sum + (each.seconds ?? 0), 0);
  return markup`tests="${cases.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}" time="${seconds.toFixed(3)}"`;
}

function caseXml({ className, name, seconds, outcome, message, type, text }: Case): Markup {
  const inside: Content =
    outcome === 'failed'
      ? markup`<failure message="${message}" type="${type}">${text}</failure>`
      : outcome === 'skipped'
        ? markup`<skipped message="${message}"/>`
        : text !== undefined && markup`<system-out>${text}</system-out>`;
  return markup`<testcase classname="${className}" name="${name}" time="${(seconds ?? 0).toFixed(3)}">${inside}</testcase>
`;
}

function gateCases(gate: Gate): Case[] {
  return [
    ...gate.rows.map((row): Case => {
      const message = changeSentence(row, gate);
      return {
        suite: row.deviceName,
        className: `${row.modelName}.${row.deviceName}`,
        name: `${pointLabel(row)}: ${metricLabel(row.metric)}`,
        ...outcomeOf(row),
        message,
        text: [
          message,
          row.note,
          ...decisionText(row),
          `runs: ${row.runIds.now.join(' ')} against ${row.runIds.before.join(' ')}`,
        ]
          .filter(Boolean)
          .join('\n'),
      };
    }),
    ...gate.missing.map(
      (row): Case => ({
        suite: row.deviceName,
        className: `${row.modelName}.${row.deviceName}`,
        name: `${pointLabel(row)}: ${row.metric === undefined ? 'comparison' : metricLabel(row.metric)}`,
        outcome: 'skipped',
        message: missingText(row),
      }),
    ),
  ];
}

function outcomeOf(row: GateRow): Pick<Case, 'outcome' | 'type'> {
  if (isAccepted(row)) return { outcome: 'passed' };
  if (row.verdict === 'worse') return { outcome: 'failed', type: 'worse' };
  return { outcome: row.verdict === 'inconclusive' ? 'skipped' : 'passed' };
}

/** `latency p50 +3.1 % (+2.6 to +3.6): 1.24 ms, release-1 had 1.20 ms`. */
function changeSentence(row: GateRow, { baselineName }: Gate): string {
  const range = changeRange(row);
  return `${row.verdict}: ${metricLabel(row.metric)} ${changeText(row)}${range ? ` (${range})` : ''}: ${formatMetric(row.metric, row.value)}, ${baselineName} had ${formatMetric(row.metric, row.baseline)}${row.doubt ? `; ${row.doubt}` : ''}`;
}

function decisionText({ decision }: GateRow): string[] {
  return decision ? [`${decision.state} by ${decision.by}${decision.comment ? `: ${decision.comment}` : ''}`] : [];
}

function trialCases(report: Report): Case[] {
  const models = modelNames(report);
  return report.trials.map((trial): Case => {
    const { error } = trial;
    return {
      suite: trial.deviceName,
      className: `${models.get(trial.modelId)}.${trial.deviceName}`,
      name: `${trial.number} ${pointLabel(trial)} (${trial.protocol})`,
      ...(trial.deviceSeconds !== undefined && { seconds: trial.deviceSeconds }),
      outcome: trialOutcome(trial),
      message: error?.message ?? trial.state,
      type: error?.code ?? trial.state,
      text: [trial.why, error?.message].filter(Boolean).join('\n'),
    };
  });
}

function trialOutcome({ state }: Trial): Case['outcome'] {
  return state === 'succeeded' ? 'passed' : state === 'failed' ? 'failed' : 'skipped';
}
