import { readFile } from '../sensors/sysfs.js';
import { cpuListText, parseCpuList } from './cpu-list.js';
import type { Lack } from './plan.js';

/** What keeps a measured process from being bound to these processors; undefined: nothing does. Where the kernel does not tell, it may be tried. */
export function affinityLack(root: string, affinity: string, taskset: string | undefined): Lack | undefined {
  if (!taskset) return { what: `affinity=${affinity}: there is no taskset here`, remedy: 'apt-get install util-linux' };
  const allowed = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFile(root, 'proc/self/status') ?? '')?.[1];
  const online = readFile(root, 'sys/devices/system/cpu/online');
  const lists = [allowed, online].flatMap((text) => parseCpuList(text ?? '') ?? []);
  const there = new Set(
    [allowed, online].reduce<number[]>((kept, text) => {
      const list = parseCpuList(text ?? '');
      return list ? kept.filter((cpu) => list.includes(cpu)) : kept;
    }, lists),
  );
  const missing = parseCpuList(affinity)!.filter((cpu) => lists.length > 0 && !there.has(cpu));
  if (missing.length === 0) return undefined;
  const have = cpuListText([...there].sort((a, b) => a - b));
  return {
    what: `affinity=${affinity}: processor ${cpuListText(missing)} is not there for this agent, only ${have || 'none'}`,
    remedy: `--prepare affinity=${have}`,
  };
}
