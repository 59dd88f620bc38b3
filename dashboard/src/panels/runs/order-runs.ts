import { isFinal, isHeld, type Run } from '@hilltop/contracts';

/** What is under way first, then what ended (newest first), then what waits (oldest first). */
export function orderRuns(runs: readonly Run[]): Run[] {
  const group = (run: Run): number => (isHeld(run.state) ? 0 : isFinal(run.state) ? 1 : 2);
  return [...runs].sort((a, b) => {
    const groups = group(a) - group(b);
    if (groups !== 0) return groups;
    return isFinal(a.state)
      ? (b.endedAt ?? b.queuedAt).localeCompare(a.endedAt ?? a.queuedAt)
      : a.queuedAt.localeCompare(b.queuedAt);
  });
}

/** The run of a job or device that is worth a trace: the one measured right now, otherwise the last that ended. */
export function traceRun(runs: readonly Run[]): Run | undefined {
  return orderRuns(runs).find((run) => !['queued', 'cancelled'].includes(run.state));
}

/** So many traces stand side by side; more than these a person picks from. */
export const tracesMost = 4;

/** The runs to draw: those measured right now, a device each, at most four; where nothing is, the last that ended. */
export function traceRuns(runs: readonly Run[]): Run[] {
  const now = orderRuns(runs).filter((run) => isHeld(run.state));
  const first = now.slice(0, tracesMost).sort((a, b) => a.deviceName.localeCompare(b.deviceName));
  const last = traceRun(runs);
  return first.length > 0 ? first : last ? [last] : [];
}
