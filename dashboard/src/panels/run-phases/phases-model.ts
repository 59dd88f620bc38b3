import { type Run, type RunPhase, runPhases } from '@hilltop/contracts';
import { formatDuration } from '../../format/time.js';
import type { PhaseTimes } from './phase-times.js';

export interface PhaseStep {
  readonly name: 'queued' | RunPhase | 'ended';
  readonly state: 'done' | 'now' | 'ahead';
  readonly detail?: string;
}

/**
 * Where a run is: the wait, the phases of the agent, the end. Times come from the lab's own instants and from what the
 * agent measured (`times`); a phase that nobody timed has none.
 */
export function phasesOf(
  run: Pick<Run, 'state' | 'progress' | 'queuedAt' | 'claimedAt' | 'startedAt' | 'endedAt' | 'queueSeconds'>,
  live: { readonly phase: RunPhase } | undefined,
  nowMs: number,
  times: PhaseTimes = {},
): PhaseStep[] {
  const isEnded = ['succeeded', 'failed', 'cancelled'].includes(run.state);
  const isWaiting = run.state === 'queued' || run.state === 'lost';
  const phase = live?.phase ?? run.progress?.phase;
  const at = isEnded ? runPhases.length : isWaiting ? -1 : Math.max(0, phase ? runPhases.indexOf(phase) : 0);
  const waited =
    run.queueSeconds !== undefined && !isWaiting
      ? run.queueSeconds * 1000
      : (run.claimedAt ? Date.parse(run.claimedAt) : isWaiting ? nowMs : Date.parse(run.endedAt ?? run.queuedAt)) -
        Date.parse(run.queuedAt);
  const stateAt = (i: number): PhaseStep['state'] => (i < at ? 'done' : i === at ? 'now' : 'ahead');
  const reached = (i: number): PhaseStep['state'] =>
    // A run that failed or was cancelled did not go through the phases after the last one it reported.
    isEnded &&
    run.state !== 'succeeded' &&
    i > (run.progress ? runPhases.indexOf(run.progress.phase) : run.startedAt ? 0 : -1)
      ? 'ahead'
      : stateAt(i);
  // From the claim to the agent's word that it starts: it fetches. Both are of the attempt that counts.
  const fetchedMs =
    run.claimedAt && !isWaiting
      ? (run.startedAt ? Date.parse(run.startedAt) : isEnded ? Number.NaN : nowMs) - Date.parse(run.claimedAt)
      : Number.NaN;
  const spent: Partial<Record<RunPhase, number | undefined>> = {
    fetching: fetchedMs >= 0 ? fetchedMs : undefined,
    loading: times.loadingMs,
    'warming-up': times.warmingUpMs,
    measuring: times.measuringMs,
  };
  const measured =
    run.startedAt && run.endedAt
      ? `${run.state} after ${formatDuration(Date.parse(run.endedAt) - Date.parse(run.startedAt))}`
      : run.state;
  return [
    { name: 'queued', state: isWaiting ? 'now' : 'done', detail: formatDuration(waited) },
    ...runPhases
      .map((name, i): PhaseStep => {
        const state = reached(i);
        const ms = spent[name];
        return { name, state, ...(state !== 'ahead' && ms !== undefined && { detail: shortDuration(ms) }) };
      })
      // Few devices cool down before a run; it is a step only while it is one.
      .filter(({ name, state }) => name !== 'cooling' || state === 'now'),
    { name: 'ended', state: isEnded ? 'done' : 'ahead', ...(isEnded && { detail: measured }) },
  ];
}

/** As a clock from ten seconds on; below, where a clock says `0:00`, with what it leaves out. */
export const shortDuration = (ms: number): string =>
  ms >= 10_000 ? formatDuration(ms) : ms >= 1000 ? `${(ms / 1000).toFixed(1)}\u00a0s` : `${ms.toFixed(0)}\u00a0ms`;
