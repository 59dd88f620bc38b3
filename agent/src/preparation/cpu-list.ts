const highestCpu = 4095;

/**
 * The kernel's lists of processors, `0-3,6` -> [0, 1, 2, 3, 6] in order, nothing twice; undefined for anything else.
 * Steps (`0-6:2`) are not taken: nobody writes them by hand.
 */
export function parseCpuList(text: string): number[] | undefined {
  const cpus = new Set<number>();
  for (const part of text.trim().split(',')) {
    const [, from, to = from] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part) ?? [];
    if (from === undefined || Number(to) < Number(from) || Number(to) > highestCpu) return undefined;
    for (let cpu = Number(from); cpu <= Number(to); cpu++) cpus.add(cpu);
  }
  return [...cpus].sort((a, b) => a - b);
}

/** The shortest list of these processors: [0, 1, 2, 6] -> `0-2,6`. */
export function cpuListText(cpus: readonly number[]): string {
  const runs: Array<[number, number]> = [];
  for (const cpu of cpus) {
    const last = runs.at(-1);
    if (last && cpu === last[1] + 1) last[1] = cpu;
    else runs.push([cpu, cpu]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}
