import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The kernel's list of cores, `0-2,7` -> [0, 1, 2, 7]. */
export function parseCores(list: string): number[] {
  return list
    .trim()
    .split(',')
    .filter(Boolean)
    .flatMap((part) => {
      const [first, last = first] = part.split('-').map(Number);
      return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i);
    });
}

/** One core for what is measured, the others for everything else; on a machine of one core both are the same. */
export function shareOut(cores: readonly number[]): { readonly measured: number; readonly others: readonly number[] } {
  const measured = cores.at(-1);
  if (measured === undefined) throw new Error('this process may run nowhere');
  return { measured, others: cores.length > 1 ? cores.slice(0, -1) : cores };
}

/** Cores that this process may run on. */
export function allowedCores(): number[] {
  const line = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return parseCores(line?.[1] ?? '');
}

/** Moves a process with all its threads; what it starts from then on is there too. Throws where there is no `taskset`. */
export function pin(pid: number, cores: readonly number[]): void {
  const { status, stderr, error } = spawnSync('taskset', ['-a', '-p', '-c', cores.join(','), String(pid)]);
  if (status !== 0) throw new Error(`taskset: ${error?.message ?? stderr.toString()}`);
}
