const gibibyte = 2 ** 30;

/** What a measuring child may take. */
export interface Caps {
  /** Private writable memory (RLIMIT_DATA), bytes. */
  readonly memoryBytes: number;
  /** CPU time over all threads, s. */
  readonly cpuS: number;
}

/**
 * Caps for an artifact: 1 GiB or four times its size, at most 75 % of what is free; CPU time so that every
 * thread may be busy for the whole time limit. `freeBytes` is MemAvailable.
 */
export function capsFor(artifactBytes: number, freeBytes: number, timeoutMs: number, threads: number): Caps {
  return {
    memoryBytes: Math.floor(Math.min(Math.max(gibibyte, 4 * artifactBytes), 0.75 * freeBytes)),
    cpuS: Math.ceil((timeoutMs / 1000) * (threads + 1)),
  };
}

/** Which of util-linux's helpers are here. */
export interface CapTools {
  readonly prlimit?: string;
  readonly setpriv?: string;
  readonly taskset?: string;
}

/**
 * The command line that runs `command` inside a control group: the shell enters it before it becomes the command, so that everything is charged
 * to it from the start. Where it may not, the command runs all the same.
 */
export function groupedCommand(command: readonly string[], group: string): readonly string[] {
  return ['/bin/sh', '-c', '{ echo $$ >"$0"; } 2>/dev/null; exec "$@"', `${group}/cgroup.procs`, ...command];
}

const openFiles = 256;
/** SIGXCPU at the soft limit tells why; SIGKILL follows so much later, s. */
const hardCpuAfterS = 5;

/**
 * The command line that runs `command` under the caps. `setpriv` makes the kernel end the child with its
 * agent; `prlimit` sets the limits; `taskset` binds it to the processors of `affinity`, the kernel's list; each replaces
 * itself by what follows, so the process id stays.
 */
export function cappedCommand(
  command: readonly string[],
  caps: Caps,
  tools: CapTools,
  affinity?: string,
): { argv: readonly string[]; caps: 'prlimit' | 'none' } {
  const death = tools.setpriv ? [tools.setpriv, '--pdeathsig', 'KILL', '--'] : [];
  const bound = affinity !== undefined && tools.taskset ? [tools.taskset, '-c', affinity, ...command] : command;
  if (!tools.prlimit) return { argv: [...death, ...bound], caps: 'none' };
  const limits = [
    tools.prlimit,
    `--data=${caps.memoryBytes}`,
    `--cpu=${caps.cpuS}:${caps.cpuS + hardCpuAfterS}`,
    `--nofile=${openFiles}`,
    '--core=0',
    '--',
  ];
  return { argv: [...death, ...limits, ...bound], caps: 'prlimit' };
}
