import { isFinal, type Job, type Run, runStates, verdictCounts } from '@hilltop/contracts';
import { runLine } from './run-line.js';
import { stateText } from './status-marks.js';
import type { Style } from './style.js';
import { fields, table } from './table.js';
import { formatDuration } from './units.js';
import { waitingText } from './waiting-text.js';

/** `5 succeeded, 1 failed` */
export function countsText(job: Job): string {
  return runStates
    .filter((state) => job.counts[state] > 0)
    .map((state) => `${job.counts[state]} ${state}`)
    .join(', ');
}

export function selectorText(job: Job): string {
  const labels = Object.entries(job.selector.labels).map(([key, value]) => `${key}=${value}`);
  return [...job.selector.devices, ...labels].join(' ') || 'every device';
}

/** Queue wait and run time, kept apart. */
function timesText(job: Job, nowMs: number): string {
  const end = job.endedAt ? Date.parse(job.endedAt) : nowMs;
  if (!job.startedAt) return `waiting for ${formatDuration(end - Date.parse(job.createdAt))}`;
  const wait = Date.parse(job.startedAt) - Date.parse(job.createdAt);
  return `waited ${formatDuration(wait)}, ran ${formatDuration(end - Date.parse(job.startedAt))}`;
}

/** The run of a job that a device is given next, when none of them is under way there. */
function nextOn(deviceId: string, runs: readonly Run[]): Run | undefined {
  const there = runs.filter((run) => run.deviceId === deviceId && !isFinal(run.state));
  const place = (run: Run): number => run.waiting?.position ?? Number.POSITIVE_INFINITY;
  if (there.some(({ state }) => state !== 'queued')) return undefined;
  return there.sort((a, b) => place(a) - place(b))[0];
}

/** A job, device by device, with its runs that ended. */
export function jobText(job: Job, runs: readonly Run[], style: Style, nowMs: number, address: string): string {
  const head = fields(
    {
      job: style.bold(job.name ?? job.id),
      state: stateText(job.state, style) + (job.error ? `: ${job.error.code}: ${job.error.message}` : ''),
      model: job.modelName,
      recipes: job.recipes.join(' '),
      devices: selectorText(job),
      protocol: job.protocol.name,
      priority: job.priority === 0 ? undefined : String(job.priority),
      replicates: job.replicates === undefined ? undefined : `${job.replicates}, in turn and back`,
      runs: countsText(job),
      verdicts: verdictCounts(runs),
      time: timesText(job, nowMs),
      waits: job.waiting && waitingText(job.waiting),
      by: job.createdBy,
      address,
    },
    style,
  );
  const devices = table(
    job.devices,
    [
      { title: 'Device', cell: (device) => device.deviceName },
      { title: 'Done', align: 'right', cell: (device) => `${device.done} of ${device.total}` },
      {
        title: 'Failed',
        align: 'right',
        cell: (device) => (device.failed > 0 ? style.bad(String(device.failed)) : undefined),
      },
      {
        title: 'Waits',
        cell: ({ deviceId }) => {
          const next = nextOn(deviceId, runs);
          return next?.waiting && waitingText(next.waiting);
        },
      },
      {
        title: 'Cause',
        cell: (device) =>
          device.error && `${device.error.cause ?? ''} ${device.error.code}: ${device.error.message}`.trim(),
      },
    ],
    style,
  );
  const lines = runs
    .filter((run) => run.state !== 'queued')
    .map((run) => `${runLine(run, style)}  ${style.dim(run.id)}\n`)
    .join('');
  return [head, devices, lines].filter(Boolean).join('\n');
}
