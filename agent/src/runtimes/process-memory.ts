import { parseStatus, readText } from '../kernel-counters.js';
import { tryWrite } from './try-write.js';

/** Memory of a process by the kernel's own count, bytes; NaN where nobody says. */
export class ProcessMemory {
  constructor(
    private readonly pid: number,
    private readonly root = '/',
  ) {}

  get(name: 'VmRSS' | 'VmHWM' | 'VmSwap'): number {
    return parseStatus(readText(this.root, `proc/${this.pid}/status`) ?? '', name) * 1024;
  }

  /** The peak counts from here; false where it may not be reset, and then stays what it was. */
  resetPeak(): boolean {
    return tryWrite(`${this.root}proc/${this.pid}/clear_refs`, '5');
  }
}

/** Process group of a process, from field 5 of /proc/PID/stat; undefined where there is none. */
export function processGroup(stat: string | undefined): number | undefined {
  const group = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
  return Number.isInteger(group) ? group : undefined;
}

/** The control group that was made for a process, if the process is in it: of another one the numbers would be somebody else's. */
export function ownGroup(group: string | undefined, pid: number): string | undefined {
  const inside = group === undefined ? [] : (readText('/', `${group.slice(1)}/cgroup.procs`) ?? '').split('\n');
  return inside.includes(String(pid)) ? group : undefined;
}

/** A number alone in a file of a control group, bytes; NaN where there is none. */
export function groupBytes(group: string | undefined, file: 'memory.current' | 'memory.peak'): number {
  const text = group === undefined ? undefined : readText('/', `${group.slice(1)}/${file}`);
  return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : Number.NaN;
}
