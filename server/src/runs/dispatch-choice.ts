/** The oldest waiting run of one job on one idle device. */
export interface DispatchHead {
  readonly runId: string;
  readonly jobId: string;
  readonly deviceId: string;
  readonly agentId: string;
  readonly position: number;
  /** Devices the job may measure on at the same time; null: all. */
  readonly parallel: number | null;
}

/**
 * Which runs start now. Oldest first over all devices, one a device; a job at its limit is passed over, so that it
 * holds up nobody behind it. `held`: runs that agents hold, by job.
 */
export function chooseRuns(heads: readonly DispatchHead[], held: ReadonlyMap<string, number>): DispatchHead[] {
  const busy = new Set<string>();
  const count = new Map(held);
  const chosen: DispatchHead[] = [];
  for (const head of [...heads].sort((a, b) => a.position - b.position)) {
    const running = count.get(head.jobId) ?? 0;
    if (busy.has(head.deviceId) || (head.parallel !== null && running >= head.parallel)) continue;
    busy.add(head.deviceId);
    count.set(head.jobId, running + 1);
    chosen.push(head);
  }
  return chosen;
}
