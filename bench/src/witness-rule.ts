/** What the kernel had counted at a moment; time: ms of `CLOCK_MONOTONIC`. */
export interface Counted {
  readonly atMs: number;
  /** Time in which at least one task waited for a core, us. */
  readonly waitedUs: number;
  /** Taken by the host, and all, ticks over all cores. */
  readonly stolen: number;
  readonly ticks: number;
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Shares of a window, 0..1. */
export interface Moved {
  readonly waited: number;
  readonly stolen: number;
}

/** Above this share of a window a witness has seen something. */
export const movedAbove = 0.005;

export const hasMoved = ({ waited, stolen }: Moved): boolean => waited > movedAbove || stolen > movedAbove;

/**
 * `/proc/pressure/cpu` and `/proc/stat` -> counts. Not the agent's parsers: a witness that shared their mistakes would be none. Throws where the kernel does not
 * tell.
 */
export function countedOf(atMs: number, pressure: string, stat: string): Counted {
  const waited = /^some .*\btotal=(\d+)/m.exec(pressure)?.[1];
  const fields = /^cpu {2}(.+)$/m.exec(stat)?.[1]?.split(' ').map(Number);
  if (waited === undefined || !fields || fields.length < 8) throw new Error('this kernel has no PSI or no steal time');
  // user nice system idle iowait irq softirq steal; guest time is within user.
  const ticks = fields.slice(0, 8).reduce((sum, n) => sum + n, 0);
  return { atMs, waitedUs: Number(waited), stolen: fields[7]!, ticks };
}

/** What happened in a window, from the last count before it to the first after it; undefined when the counts do not enclose it. */
export function movedIn(counts: readonly Counted[], { fromMs, toMs }: Window): Moved | undefined {
  const first = counts.findLast(({ atMs }) => atMs <= fromMs);
  const last = counts.find(({ atMs }) => atMs >= toMs);
  if (!first || !last) return undefined;
  const ticks = last.ticks - first.ticks;
  return {
    waited: (last.waitedUs - first.waitedUs) / 1000 / (last.atMs - first.atMs),
    stolen: ticks > 0 ? (last.stolen - first.stolen) / ticks : 0,
  };
}
