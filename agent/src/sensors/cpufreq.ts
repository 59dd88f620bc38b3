import { tried } from './plausible.js';
import type { Discover, SensorSource } from './sensor-source.js';
import { namesIn, parseDecimal, readFile } from './sysfs.js';

const folder = 'sys/devices/system/cpu/cpufreq';

/** `scaling_cur_freq`, kHz -> Hz. */
export function parseKilohertz(text: string | undefined): number | undefined {
  const khz = parseDecimal(text);
  return khz === undefined ? undefined : khz * 1000;
}

/** `stats/time_in_state`: lines of kHz and 10 ms -> cycles gone by. Its difference over a time is that time's mean clock, exactly. */
export function parseTimeInState(text: string | undefined): number | undefined {
  const lines = (text ?? '').split('\n').filter((line) => line.trim() !== '');
  let cycles = lines.length > 0 ? 0 : undefined;
  for (const line of lines) {
    const match = /^\s*(\d{1,9})\s+(\d{1,15})\s*$/.exec(line);
    if (!match) return undefined;
    // kHz x 1000 x units x 0.01 s.
    cycles = cycles! + Number(match[1]) * Number(match[2]) * 10;
  }
  return cycles;
}

/** Each core of a PC is its own policy: beyond this many, only the highest clock is told. */
const mostPolicies = 8;

/** Clocks of the cores as the kernel set them, Hz, by policy; and cycles gone by where it keeps the times. An idle core's clock says nothing. */
export const discoverCpufreq: Discover = async ({ root }) => {
  const policies = namesIn(root, folder).filter((name) => /^policy\d+$/.test(name));
  const clock = (policy: string): number | undefined =>
    parseKilohertz(readFile(root, `${folder}/${policy}/scaling_cur_freq`));
  const base = { driver: 'cpufreq', scope: 'core' } as const;
  if (policies.length > mostPolicies) {
    const highest = (): number | undefined => {
      const clocks = policies.map(clock).filter((hz) => hz !== undefined);
      return clocks.length > 0 ? Math.max(...clocks) : undefined;
    };
    return {
      sources: tried(
        {
          ...base,
          id: 'cpufreq/highest',
          quantity: 'frequency',
          kind: 'sampled',
          label: `highest of ${policies.length} policies`,
          // As many files as cores: not at every turn.
          updateMs: 1000,
        },
        highest,
      ),
      lacks: [],
    };
  }
  return {
    sources: policies.flatMap((policy): SensorSource[] => [
      ...tried({ ...base, id: `cpufreq/${policy}`, quantity: 'frequency', kind: 'sampled', resolution: 1000 }, () =>
        clock(policy),
      ),
      ...tried(
        {
          ...base,
          id: `cpufreq/${policy}/cycles`,
          quantity: 'count',
          kind: 'counter',
          label: 'cycles by time_in_state',
        },
        () => parseTimeInState(readFile(root, `${folder}/${policy}/stats/time_in_state`)),
        (cycles) => cycles > 0,
      ),
    ]),
    lacks: [],
  };
};
