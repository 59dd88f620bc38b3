import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Memory of a process, bytes; undefined where it is gone or there is no /proc. */
export interface ProcessMemory {
  /** Resident now. */
  readonly resident: number;
  /** The most that was resident since it began, or since `resetPeak`. */
  readonly peak: number;
}

export function memoryOf(pid: number): ProcessMemory | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const bytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)![1]) * 1024;
    return { resident: bytes('VmRSS'), peak: bytes('VmHWM') };
  } catch {
    return undefined;
  }
}

/** The kernel counts the peak of a process of ours from here on. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Processes a process has started and that are still there. */
export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
