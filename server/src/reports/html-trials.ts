import { formatInterval, formatNumber, pointLabel, type Report, type Trial } from '@hilltop/contracts';
import { type Content, type Markup, markup } from './markup.js';
import { type Column, details, small, table } from './page.js';
import { type TopTrial, topTrials } from './top-trials.js';
import { volumeSeries, volumeSvg } from './volume-svg.js';
import { counted, durationText, metricLabel } from './words.js';

const most = 12;

/** How the search went: what it gained trial by trial, and why it chose what turned out well. */
export function trialSections(report: Report): Markup {
  if (report.trials.length === 0) return markup`${leftOut(report)}`;
  const models = modelNames(report);
  const objectives = (report.sweep?.objectives ?? []).map(({ metric }) => metric);
  const top = topTrials(report);
  const failed = report.trials.filter(({ state }) => state === 'failed');
  return markup`${volumePart(report, models)}
<section id="trials"><h2>Trials</h2><p class="note">${
    top.length > 0 ? 'What turned out best, and why it was tried.' : 'No trial has succeeded yet.'
  }${report.trialsLeftOut > 0 && ` ${counted(report.trialsLeftOut, 'later trial')} not listed.`}</p>
${
  top.length > 0 &&
  table('Trials that turned out best', top.slice(0, most), [
    { title: 'Trial', align: 'right', cell: ({ trial }) => trial.number },
    {
      title: 'Point',
      kind: 'w',
      cell: ({ trial }) => [
        pointLabel(trial),
        small(`${models.size > 1 ? `${models.get(trial.modelId) ?? trial.modelId} on ` : ''}${trial.deviceName}`),
      ],
    },
    { title: 'Why it was tried', kind: 'why', cell: ({ trial }) => [trial.why, small(trial.reason)] },
    ...objectives.map(
      (metric): Column<TopTrial> => ({
        title: metricLabel(metric),
        align: 'right',
        cell: ({ trial: { metrics } }) => (metrics[metric] ? formatInterval(metric, metrics[metric]) : '–'),
      }),
    ),
    ...(top.some(({ gain }) => gain !== undefined) ? [gainColumn] : []),
    { title: 'Status', cell: ({ status }) => status ?? '–' },
  ])
}
${failures(failed, models)}${leftOut(report)}</section>`;
}

/** Only searches that know their hypervolume have it. */
const gainColumn: Column<TopTrial> = {
  title: 'Gain',
  align: 'right',
  cell: ({ gain }) => (gain === undefined ? '–' : gain > 0 ? `+${formatNumber(gain)}` : '0'),
};

function volumePart({ trials }: Report, models: ReadonlyMap<string, string>): Content {
  const parts = [...models].flatMap(([modelId, name], i) => {
    const series = volumeSeries(trials.filter((trial) => trial.modelId === modelId));
    const svg = volumeSvg(series, { id: `volume-${i}`, title: `Hypervolume of ${name}, trial by trial` });
    if (!svg) return [];
    return [
      markup`${models.size > 1 && markup`<h3>${name}</h3>`}<figure tabindex="0">${svg}</figure>${details(
        'As a table',
        table(`Hypervolume of ${name}`, series, [
          { title: 'Device', cell: ({ label }) => label },
          { title: 'First', align: 'right', cell: ({ steps }) => formatNumber(steps[0]!.volume) },
          { title: 'Last', align: 'right', cell: ({ steps }) => formatNumber(steps.at(-1)!.volume) },
          { title: 'Trials', align: 'right', cell: ({ steps }) => steps.at(-1)!.n },
          { title: 'Last gain at trial', align: 'right', cell: ({ steps }) => lastGain(steps) },
        ]),
      )}`,
    ];
  });
  if (parts.length === 0) return undefined;
  return markup`<section id="search"><h2>What the search gained</h2><p class="note">Hypervolume: how much of the space of the objectives the frontier covers; fp32 alone is 1. A line that has gone flat has found what there is to find.</p>${parts}</section>`;
}

function lastGain(steps: ReadonlyArray<{ readonly trial: number; readonly volume: number }>): string {
  const at = steps.findLastIndex(({ volume }, i) => i > 0 && volume > steps[i - 1]!.volume);
  return at < 0 ? '–' : String(steps[at]!.trial);
}

function failures(failed: readonly Trial[], models: ReadonlyMap<string, string>): Content {
  if (failed.length === 0) return undefined;
  return details(
    `${counted(failed.length, 'trial')} failed`,
    table('Trials that failed', failed, [
      { title: 'Trial', align: 'right', cell: ({ number }) => number },
      {
        title: 'Point',
        kind: 'w',
        cell: (trial) => [
          pointLabel(trial),
          small(`${models.get(trial.modelId) ?? trial.modelId} on ${trial.deviceName}`),
        ],
      },
      {
        title: 'Error',
        kind: 'why',
        cell: ({ error }) => (error ? [error.message, small(`${error.code}, ${error.cause}`)] : '–'),
      },
      {
        title: 'Took',
        align: 'right',
        cell: ({ deviceSeconds }) => (deviceSeconds === undefined ? '–' : durationText(deviceSeconds)),
      },
    ]),
  );
}

/** What could not be tried at all, and why. */
function leftOut({ sweep }: Report): Content {
  if (!sweep || sweep.leftOut.length === 0) return undefined;
  const points = sweep.leftOut.reduce((sum, each) => sum + each.points, 0);
  return details(
    `${counted(points, 'point')} could not be tried`,
    table('Points that could not be tried', sweep.leftOut, [
      { title: 'Points', align: 'right', cell: (each) => each.points },
      { title: 'Why', kind: 'why', cell: ({ message, code }) => [message, small(code)] },
    ]),
  );
}

/** Model -> its name, of everything that the report names. */
export function modelNames({
  sweep,
  frontiers,
  trials,
}: Pick<Report, 'sweep' | 'frontiers' | 'trials'>): Map<string, string> {
  const names = new Map<string, string>();
  for (const { modelId, modelName } of [...(sweep?.places ?? []), ...frontiers]) names.set(modelId, modelName);
  for (const { modelId } of trials) if (!names.has(modelId)) names.set(modelId, modelId);
  return names;
}
