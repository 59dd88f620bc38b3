import type { DeviceState, JobState, PointStatus, RunState, SweepState, TrialState } from '@hilltop/contracts';
import type { Style } from './style.js';

/** A filled mark is what to take, a half one needs another look, a hollow one is out; the word says it too. */
export const pointMarks = { on: '●', uncertain: '◇', dominated: '○' } as const satisfies Record<PointStatus, string>;

export const verdictMarks = { clean: '●', disturbed: '◇', invalid: '○' } as const;

export const stateMarks = {
  queued: '○',
  claimed: '◇',
  preparing: '◇',
  running: '◇',
  reporting: '◇',
  succeeded: '●',
  failed: '✗',
  cancelled: '○',
  lost: '✗',
} as const satisfies Record<RunState, string>;

export const deviceMarks = {
  offline: '○',
  preparing: '◇',
  available: '●',
  busy: '◇',
  cooling: '◇',
  unhealthy: '✗',
  quarantined: '✗',
  maintenance: '○',
  retired: '○',
} as const satisfies Record<DeviceState, string>;

export const trialMarks = {
  proposed: '○',
  running: '◇',
  succeeded: '●',
  failed: '✗',
  cancelled: '○',
  skipped: '○',
} as const satisfies Record<TrialState, string>;

export const sweepMarks = {
  preparing: '○',
  running: '◇',
  paused: '○',
  succeeded: '●',
  failed: '✗',
  cancelled: '○',
} as const satisfies Record<SweepState, string>;

export function sweepStateText(state: SweepState, style: Style): string {
  const text = `${sweepMarks[state]} ${state}`;
  if (state === 'succeeded') return style.good(text);
  return state === 'failed' ? style.bad(text) : state === 'paused' ? style.warn(text) : text;
}

export function pointText(status: PointStatus, style: Style): string {
  const text = `${pointMarks[status]} ${status}`;
  return status === 'on' ? style.good(text) : status === 'uncertain' ? style.warn(text) : style.dim(text);
}

export function stateText(state: RunState | JobState, style: Style): string {
  const text = `${stateMarks[state]} ${state}`;
  if (state === 'succeeded') return style.good(text);
  return state === 'failed' || state === 'lost' ? style.bad(text) : text;
}

export function deviceText(state: DeviceState, style: Style): string {
  const text = `${deviceMarks[state]} ${state}`;
  if (state === 'available' || state === 'busy' || state === 'cooling') return style.good(text);
  return deviceMarks[state] === '✗' ? style.bad(text) : style.dim(text);
}
