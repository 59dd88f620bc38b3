import { readdirSync, readFileSync } from 'node:fs';

/**
 * What the kernel tells about disturbance, as running totals: a run keeps differences over its measuring loop.
 * NaN where this machine does not say. Pure parsers, and one reader over a root path.
 */
export interface KernelCounters {
  /** schedstat of every thread of the process, summed: time on a core and time runnable but waiting, ns. */
  readonly runNs: number;
  readonly waitNs: number;
  /** /proc/pressure/cpu, `some` total, us. */
  readonly psiCpuSomeUs: number;
  /** /proc/stat, first line, clock ticks. */
  readonly stealTicks: number;
  readonly totalTicks: number;
  readonly involuntarySwitches: number;
  readonly majorFaults: number;
  /** /proc/vmstat pswpin, pages. */
  readonly swapInPages: number;
  /** Sum of the cores' and packages' thermal_throttle counts. */
  readonly throttleCount: number;
  /** Hottest thermal zone, degrees Celsius. */
  readonly temperatureC: number;
}

/** `run wait slices` -> ns; undefined when the kernel keeps no such statistics. */
export function parseSchedstat(text: string): { runNs: number; waitNs: number } | undefined {
  const [run, wait] = text.trim().split(/\s+/).map(Number);
  return Number.isFinite(run) && Number.isFinite(wait) ? { runNs: run!, waitNs: wait! } : undefined;
}

/** `some avg10=0.22 avg60=0.17 avg300=1.11 total=58761459` -> total, us. */
export function parsePressure(text: string): number {
  return Number(/^some .*total=(\d+)/m.exec(text)?.[1] ?? Number.NaN);
}

/** First line of /proc/stat: user nice system idle iowait irq softirq steal ...; guest time is inside user. */
export function parseStat(text: string): { stealTicks: number; totalTicks: number } {
  const ticks = /^cpu\s+(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/).map(Number).slice(0, 8) ?? [];
  if (ticks.length < 8) return { stealTicks: Number.NaN, totalTicks: Number.NaN };
  return { stealTicks: ticks[7]!, totalTicks: ticks.reduce((sum, n) => sum + n, 0) };
}

/** A `Name: value` line of /proc/PID/status in its own unit (memory: kB). */
export function parseStatus(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
}

/** Field 12 of /proc/PID/stat; the command in parentheses may hold blanks. */
export function parseMajorFaults(text: string): number {
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[9] ?? Number.NaN);
}

/** A `name value` line of /proc/vmstat. */
export function parseVmstat(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
}

/** Reads all counters of a process, this one unless told otherwise, and of the machine. `root` is `/` but for tests. */
export function readKernelCounters(root = '/', pid: number | 'self' = 'self'): KernelCounters {
  const read = (path: string): string => readText(root, path) ?? '';
  let runNs = Number.NaN;
  let waitNs = Number.NaN;
  for (const thread of list(root, `proc/${pid}/task`)) {
    const part = parseSchedstat(read(`proc/${pid}/task/${thread}/schedstat`));
    if (!part) continue;
    runNs = (Number.isNaN(runNs) ? 0 : runNs) + part.runNs;
    waitNs = (Number.isNaN(waitNs) ? 0 : waitNs) + part.waitNs;
  }
  return {
    runNs,
    waitNs,
    psiCpuSomeUs: parsePressure(read('proc/pressure/cpu')),
    ...parseStat(read('proc/stat')),
    involuntarySwitches: parseStatus(read(`proc/${pid}/status`), 'nonvoluntary_ctxt_switches'),
    majorFaults: parseMajorFaults(read(`proc/${pid}/stat`)),
    swapInPages: parseVmstat(read('proc/vmstat'), 'pswpin'),
    throttleCount: throttleCount(root),
    temperatureC: hottestZone(root),
  };
}

function throttleCount(root: string): number {
  let sum = Number.NaN;
  for (const cpu of list(root, 'sys/devices/system/cpu').filter((name) => /^cpu\d+$/.test(name))) {
    for (const kind of ['core', 'package']) {
      const text = readText(root, `sys/devices/system/cpu/${cpu}/thermal_throttle/${kind}_throttle_count`);
      if (text !== undefined && /^\d+\s*$/.test(text)) sum = (Number.isNaN(sum) ? 0 : sum) + Number(text);
    }
  }
  return sum;
}

/** Hottest zone with a plausible reading, °C; zones may exist and answer nonsense or nothing. */
export function hottestZone(root = '/'): number {
  let hottest = Number.NaN;
  for (const zone of list(root, 'sys/class/thermal').filter((name) => name.startsWith('thermal_zone'))) {
    const celsius = Number(readText(root, `sys/class/thermal/${zone}/temp`) ?? Number.NaN) / 1000;
    if (celsius > -40 && celsius < 150 && celsius !== 0 && !(celsius <= hottest)) hottest = celsius;
  }
  return hottest;
}

/** Highest current frequency of the cores, kHz: to be read while busy, an idle core's says nothing. */
export function highestFrequencyKhz(root = '/'): number {
  const values = list(root, 'sys/devices/system/cpu')
    .filter((name) => /^cpu\d+$/.test(name))
    .map((cpu) => Number(readText(root, `sys/devices/system/cpu/${cpu}/cpufreq/scaling_cur_freq`) ?? Number.NaN))
    .filter((khz) => khz > 0);
  return values.length > 0 ? Math.max(...values) : Number.NaN;
}

/** Content of a file under the root; undefined when it cannot be read (sysfs files may exist and still fail). */
export function readText(root: string, path: string): string | undefined {
  try {
    return readFileSync(root.endsWith('/') ? root + path : `${root}/${path}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** Names in a folder under the root; none when there is no such folder. */
export function list(root: string, path: string): string[] {
  try {
    return readdirSync(root.endsWith('/') ? root + path : `${root}/${path}`).sort();
  } catch {
    return [];
  }
}
