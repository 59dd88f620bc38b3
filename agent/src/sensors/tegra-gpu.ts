import { tried } from './plausible.js';
import type { Discover } from './sensor-source.js';
import { cleanLabel, namesIn, parseDecimal, readFile, readNumber } from './sysfs.js';

/** Names of Tegra's GPUs in the device tree; Thor's is known by its devfreq name. */
const gpus = /^(gv11b|gp10b|ga10b|gb10b|gpu)$/;

/** `device/load` is per mille -> ratio; newer drivers of boost clocks may pass 1000 by rounding. */
export function parseLoad(text: string | undefined): number | undefined {
  const perMille = parseDecimal(text);
  return perMille === undefined || perMille < 0 || perMille > 1001 ? undefined : Math.min(1, perMille / 1000);
}

/** Load and clock of a Jetson's GPU. */
export const discoverTegraGpu: Discover = async ({ root }) => {
  const device = namesIn(root, 'sys/class/devfreq').find(
    (name) =>
      name === 'gpu-gpc-0' ||
      gpus.test(cleanLabel(readFile(root, `sys/class/devfreq/${name}/device/of_node/name`)) ?? ''),
  );
  if (!device) return { sources: [], lacks: [] };
  const path = `sys/class/devfreq/${device}`;
  const base = { driver: 'tegra-gpu', scope: 'gpu', label: device, kind: 'sampled' } as const;
  // JetPack 4 on Nano has the load elsewhere.
  const load = [`${path}/device/load`, 'sys/devices/gpu.0/load'].find((file) => readNumber(root, file) !== undefined);
  return {
    sources: [
      ...(load
        ? tried({ id: 'tegra-gpu/load', quantity: 'load', resolution: 0.001, ...base }, () =>
            parseLoad(readFile(root, load)),
          )
        : []),
      ...tried({ id: 'tegra-gpu/frequency', quantity: 'frequency', ...base }, () =>
        readNumber(root, `${path}/cur_freq`),
      ),
    ],
    lacks: [],
  };
};
