import { byRank } from './queue-order.js';

/** What waits first of one job on one idle device. */
export interface DispatchHead {
  readonly runId: string;
  readonly jobId: string;
  readonly deviceId: string;
  readonly agentId: string;
  readonly emulated: boolean;
  readonly position: number;
  /** Devices the job may measure on at the same time; null: all. */
  readonly parallel: number | null;
  /** Its rank in the queue of its device; absent: as everything else. */
  readonly level?: number;
  readonly usedMs?: number;
}

/** A device that measures. */
export type Busy = Pick<DispatchHead, 'agentId' | 'emulated'>;

/**
 * Which runs start now. Best ranked first over all devices (of equals the oldest), one a device; a job at its limit is passed over, so that it
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
  const ranked = heads.map((head) => ({ head, level: 0, usedMs: 0, ...head }));
  for (const { head } of ranked.sort(byRank)) {
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
