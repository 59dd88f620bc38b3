/** A row of `process` and one of `memory` observations; absent or NaN: not known. */
export interface MemoryRows {
  readonly process?: Readonly<Record<string, number>>;
  readonly memory?: Readonly<Record<string, number>>;
}

/** Below this the two differ by what the kernel gathers before it counts: 64 pages a thread. */
const smallestBytes = 2 ** 20;
/** Two ways to one number that differ by more are told. */
const toldRatio = 0.2;

/**
 * By how much the growth of the process's control group differs from that of its resident size, from before the model to the peak, relative to the
 * latter; undefined when it is not known or at most 20 %. The group has the page cache of files that the process read first, and not the libraries
 * that were in memory already: a difference is to be looked at, no fault.
 */
export function groupDifference({ process = {}, memory = {} }: MemoryRows): number | undefined {
  const at = (row: Readonly<Record<string, number>>, name: string): number => row[name] ?? Number.NaN;
  const resident =
    Math.max(at(process, 'peak_load_bytes'), at(process, 'peak_bytes')) - at(process, 'rss_baseline_bytes');
  const group = at(memory, 'group_peak_bytes') - at(memory, 'group_baseline_bytes');
  const difference = Math.abs(group - resident);
  const ratio = difference / Math.max(resident, smallestBytes);
  return difference > smallestBytes && ratio > toldRatio ? ratio : undefined;
}
