import { type Run, type RunPhase, runPhases } from '@hilltop/contracts';
import { formatDuration } from '../../format/time.js';

export interface PhaseStep {
  readonly name: 'queued' | RunPhase | 'ended';
  readonly state: 'done' | 'now' | 'ahead';
  readonly detail?: string;
}

/** Where a run is: the wait, the phases of the agent, the end. Times come from the lab's own instants. */
export function phasesOf(
  run: Pick<Run, 'state' | 'progress' | 'queuedAt' | 'claimedAt' | 'startedAt' | 'endedAt'>,
  live: { readonly phase: RunPhase } | undefined,
  nowMs: number,
): PhaseStep[] {
  const isEnded = ['succeeded', 'failed', 'cancelled'].includes(run.state);
  const isWaiting = run.state === 'queued' || run.state === 'lost';
  const phase = live?.phase ?? run.progress?.phase;
  const at = isEnded ? runPhases.length : isWaiting ? -1 : Math.max(0, phase ? runPhases.indexOf(phase) : 0);
  const waited =
    (run.claimedAt ? Date.parse(run.claimedAt) : isWaiting ? nowMs : Date.parse(run.endedAt ?? run.queuedAt)) -
    Date.parse(run.queuedAt);
  const stateAt = (i: number): PhaseStep['state'] => (i < at ? 'done' : i === at ? 'now' : 'ahead');
  const reached = (i: number): PhaseStep['state'] =>
    // A run that failed or was cancelled did not go through the phases after the last one it reported.
    isEnded &&
    run.state !== 'succeeded' &&
    i > (run.progress ? runPhases.indexOf(run.progress.phase) : run.startedAt ? 0 : -1)
      ? 'ahead'
      : stateAt(i);
  const measured =
    run.startedAt && run.endedAt
      ? `${run.state} after ${formatDuration(Date.parse(run.endedAt) - Date.parse(run.startedAt))}`
      : run.state;
  return [
    { name: 'queued', state: isWaiting ? 'now' : 'done', detail: formatDuration(waited) },
    ...runPhases
      .map((name, i): PhaseStep => ({ name, state: reached(i) }))
      // Few devices cool down before a run; it is a step only while it is one.
      .filter(({ name, state }) => name !== 'cooling' || state === 'now'),
    { name: 'ended', state: isEnded ? 'done' : 'ahead', ...(isEnded && { detail: measured }) },
  ];
}
