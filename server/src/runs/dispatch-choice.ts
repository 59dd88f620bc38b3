/** The oldest waiting run of one job on one idle device. */
export interface DispatchHead {
  readonly runId: string;
  readonly jobId: string;
  readonly deviceId: string;
  readonly agentId: string;
  readonly emulated: boolean;
  readonly position: number;
  /** Devices the job may measure on at the same time; null: all. */
  readonly parallel: number | null;
}

/** A device that measures. */
export type Busy = Pick<DispatchHead, 'agentId' | 'emulated'>;

/**
 * Which runs start now. Oldest first over all devices, one a device; a job at its limit is passed over, so that it
 * holds up nobody behind it. An emulated device is a program of its agent's machine: it does not run while that machine, or
 * another emulated device there, measures. `held`: runs that agents hold, by job; `measuring`: devices that measure already.
 */
export function chooseRuns(
  heads: readonly DispatchHead[],
  held: ReadonlyMap<string, number>,
  measuring: readonly Busy[] = [],
): DispatchHead[] {
  const busy = new Set<string>();
  const active: Busy[] = [...measuring];
  const disturbs = (head: Busy): boolean =>
    active.some((other) => other.agentId === head.agentId && (other.emulated || head.emulated));
  const count = new Map(held);
  const chosen: DispatchHead[] = [];
  for (const head of [...heads].sort((a, b) => a.position - b.position)) {
    const running = count.get(head.jobId) ?? 0;
    if (busy.has(head.deviceId) || disturbs(head)) continue;
    if (head.parallel !== null && running >= head.parallel) continue;
    busy.add(head.deviceId);
    active.push(head);
    count.set(head.jobId, running + 1);
    chosen.push(head);
  }
  return chosen;
}
