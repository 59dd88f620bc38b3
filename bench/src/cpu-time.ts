import { readFileSync } from 'node:fs';

/** Ticks of /proc are 10 ms on every Linux that Node runs on. */
const tickMs = 10;

/** CPU time a process has used so far with all its threads, ms; NaN where there is no /proc. */
export function cpuTimeMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  } catch {
    return Number.NaN;
  }
}
