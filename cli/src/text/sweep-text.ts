import {
  type Sweep,
  type SweepLeftOut,
  type SweepPlace,
  type SweepPreview,
  settingsWords,
  type Trial,
} from '@hilltop/contracts';
import { resultWords } from './run-line.js';
import { sweepStateText, trialMarks } from './status-marks.js';
import { plain, type Style } from './style.js';
import { fields, table } from './table.js';
import { formatAge, formatDuration, significant } from './units.js';

/** `int8-static (2 threads) on bench-pi`; with the model's name before it where the sweep has several. */
export function trialName(
  { modelId, recipe, settings, deviceName }: Pick<Trial, 'modelId' | 'recipe' | 'settings' | 'deviceName'>,
  places: readonly Pick<SweepPlace, 'modelId' | 'modelName'>[],
): string {
  const words = settingsWords(settings);
  const model = places.some((place) => place.modelId !== modelId)
    ? `${places.find((place) => place.modelId === modelId)?.modelName ?? modelId} `
    : '';
  return `${model}${recipe}${words.length > 0 ? ` (${words.join(', ')})` : ''} on ${deviceName}`;
}

/** A word and what explains it; where that begins with the word, it is enough. */
export const explained = (word: string, why: string | undefined): string =>
  why === undefined || why.startsWith(word) ? (why ?? word) : `${word}: ${why}`;

/** A trial in one line: `● #12 int8-static (2 threads) on bench-pi: 1.24 ms (1.21 – 1.29), 91.3 %  promotion: second best of its rung`. */
export function trialLine(
  trial: Trial,
  places: readonly Pick<SweepPlace, 'modelId' | 'modelName'>[],
  style: Style = plain,
): string {
  const mark = `${trialMarks[trial.state]} #${trial.number}`;
  const painted = trial.state === 'succeeded' ? style.good(mark) : trial.state === 'failed' ? style.bad(mark) : mark;
  return `${painted} ${trialName(trial, places)}: ${outcomeText(trial)}  ${style.dim(explained(trial.reason, trial.why))}`;
}

function outcomeText(trial: Trial): string {
  if (trial.state === 'failed' || trial.error)
    return trial.error ? `${trial.error.code}: ${trial.error.message}` : 'failed, no reason given';
  if (trial.state !== 'succeeded') return trial.state;
  const shown = resultWords(trial.metrics);
  return [...shown, ...(trial.protocol === 'quick' ? ['quick'] : [])].join(', ') || 'measured';
}

/** What is spent of what may be: `14 of 200 runs, 12.3 of 60 device minutes, 20.1 wall minutes`. */
export function usedText({ used, file: { budget } }: Pick<Sweep, 'used' | 'file'>): string {
  const part = (value: number, limit: number | undefined, unit: string): string =>
    `${minutes(value)}${limit === undefined ? '' : ` of ${limit}`} ${unit}`;
  return [
    part(used.runs, budget.runs, 'runs'),
    part(used.deviceMinutes, budget.deviceMinutes, 'device minutes'),
    part(used.wallMinutes, budget.wallMinutes, 'wall minutes'),
  ].join(', ');
}

const minutes = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));

/** `12 of 40 trials succeeded, 3 open, 1 failed` */
export function trialsText({ trials }: Pick<Sweep, 'trials'>): string {
  const rest = (['open', 'failed', 'skipped'] as const).flatMap((state) =>
    trials[state] > 0 ? [`${trials[state]} ${state}`] : [],
  );
  return [`${trials.succeeded} of ${trials.total} trials succeeded`, ...rest].join(', ');
}

/** How much of its budget a sweep has spent, or of its points where there is none, 0 to 1. */
export function spentShare({ used, file: { budget }, places }: Pick<Sweep, 'used' | 'file' | 'places'>): number {
  const shares = [
    budget.runs === undefined ? [] : [used.runs / budget.runs],
    budget.deviceMinutes === undefined ? [] : [used.deviceMinutes / budget.deviceMinutes],
    budget.wallMinutes === undefined ? [] : [used.wallMinutes / budget.wallMinutes],
  ].flat();
  const points = places.reduce((sum, place) => sum + place.points, 0);
  const done = places.reduce((sum, place) => sum + place.measured + place.failed, 0);
  return Math.min(1, Math.max(0, ...(shares.length > 0 ? shares : [points === 0 ? 0 : done / points])));
}

/** `◇ running`, with what explains it. */
function stateText({ state, error, note }: Pick<Sweep, 'state' | 'error' | 'note'>, style: Style): string {
  const why = error ? `${error.code}: ${error.message}` : note;
  const mark = sweepStateText(state, style);
  return why === undefined ? mark : why.startsWith(state) ? mark.replace(state, () => why) : `${mark}: ${why}`;
}

function timeText({ startedAt, endedAt }: Pick<Sweep, 'startedAt' | 'endedAt'>, nowMs: number): string | undefined {
  if (startedAt === undefined) return undefined;
  const took = endedAt === undefined ? '' : `, took ${formatDuration(Date.parse(endedAt) - Date.parse(startedAt))}`;
  return `started ${formatAge(startedAt, nowMs)}${took}`;
}

const times = (n: number): string => (n === 1 ? 'once' : `${n} times`);

/** A sweep for people: what it is and has spent, each device's part, the newest trials with why they were chosen. */
export function sweepText(sweep: Sweep, trials: readonly Trial[], style: Style, nowMs: number): string {
  const { file } = sweep;
  const head = fields(
    {
      sweep: style.bold(sweep.name),
      id: sweep.id,
      state: stateText(sweep, style),
      file: sweep.revision > 1 ? `changed ${times(sweep.revision - 1)}` : undefined,
      sampler: `${file.sampler.name}, seed ${file.sampler.seed}`,
      protocol: file.protocol,
      objectives: sweep.objectives.map(({ metric, direction }) => `${metric} ${direction}`).join(', '),
      constraints: file.constraints.join(' '),
      trials: trialsText(sweep),
      spent: usedText(sweep),
      time: timeText(sweep, nowMs),
      schedule: sweep.scheduleId,
      by: sweep.createdBy,
    },
    style,
  );
  const newest = trials.slice(-newestShown).map((trial) => `${trialLine(trial, sweep.places, style)}\n`);
  const more =
    trials.length > newest.length ? [style.dim(`${trials.length - newest.length} trials before these\n`)] : [];
  return [head, placesTable(sweep.places, style), leftOutText(sweep.leftOut, style), [...more, ...newest].join('')]
    .filter(Boolean)
    .join('\n');
}
const newestShown = 10;

function placesTable(places: readonly SweepPlace[], style: Style): string {
  return table(
    places,
    [
      { title: 'Device', cell: (place) => place.deviceName },
      { title: 'Model', cell: (place) => place.modelName },
      { title: 'Points', align: 'right', cell: (place) => String(place.points) },
      { title: 'Measured', align: 'right', cell: (place) => String(place.measured) },
      { title: 'Open', align: 'right', cell: (place) => (place.open > 0 ? String(place.open) : undefined) },
      {
        title: 'Failed',
        align: 'right',
        cell: (place) => (place.failed > 0 ? style.bad(String(place.failed)) : undefined),
      },
      {
        title: 'Hypervolume',
        align: 'right',
        cell: ({ hypervolume: v }) => (v === undefined ? undefined : significant(v)),
      },
      { title: 'Note', cell: (place) => place.note ?? (place.ended ? 'done' : undefined) },
    ],
    style,
  );
}

/** Points that cannot be tried, and why. */
const leftOutText = (leftOut: readonly SweepLeftOut[], style: Style): string =>
  leftOut
    .map(
      ({ points, code, message }) =>
        `${style.dim('left out')}  ${points} ${points === 1 ? 'point' : 'points'}: ${code}: ${message}\n`,
    )
    .join('');

/** What a sweep would try. */
export function previewText(preview: SweepPreview, style: Style = plain): string {
  const { estimatedDeviceMinutes: estimate } = preview;
  const places = table(
    preview.places,
    [
      { title: 'Device', cell: (place) => place.deviceName },
      { title: 'Model', cell: (place) => place.modelName },
      { title: 'Points', align: 'right', cell: (place) => String(place.points) },
    ],
    style,
  );
  const head = fields(
    {
      points: `${preview.points}; nothing was started`,
      'device time':
        estimate === undefined
          ? undefined
          : `${formatDuration(estimate * 60_000)} for all of them, by runs of this lab`,
      recipes: preview.recipes.join(' '),
    },
    style,
  );
  return [head, places, leftOutText(preview.leftOut, style)].filter(Boolean).join('\n');
}

/** The list of sweeps. */
export function sweepsTable(sweeps: readonly Sweep[], style: Style, nowMs: number): string {
  return table(
    sweeps,
    [
      { title: 'State', cell: (sweep) => sweepStateText(sweep.state, style) },
      { title: 'Sweep', cell: (sweep) => sweep.id },
      { title: 'Name', cell: (sweep) => sweep.name },
      { title: 'Trials', cell: trialsText },
      { title: 'Spent', cell: usedText },
      { title: 'Made', cell: (sweep) => formatAge(sweep.createdAt, nowMs) },
      { title: 'By', cell: (sweep) => (sweep.scheduleId ? 'schedule' : sweep.createdBy) },
    ],
    style,
  );
}
