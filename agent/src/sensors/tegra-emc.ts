import { boardFamily } from './board.js';
import { nothing, tried } from './plausible.js';
import type { Discover } from './sensor-source.js';
import { isForbidden, parseDecimal, readFile, readNumber } from './sysfs.js';

const debug = 'sys/kernel/debug';
const rates = [
  `${debug}/bpmp/debug/clk/emc/rate`,
  `${debug}/clk/override.emc/clk_rate`,
  `${debug}/clk/emc/clk_rate`,
] as const;
const activities = [
  `${debug}/cactmon/mc_all`,
  `${debug}/bpmp/debug/actmon/mc_all_avg_activity`,
  'sys/kernel/actmon_avg_activity/mc_all',
] as const;

/** Activity in kHz and the memory's clock in Hz -> share of its time that it is busy. */
export function parseUtilisation(activity: string | undefined, rate: string | undefined): number | undefined {
  const [khz, hz] = [parseDecimal(activity), parseDecimal(rate)];
  if (khz === undefined || hz === undefined || khz < 0 || hz <= 0) return undefined;
  return Math.min(1, (khz * 1000) / hz);
}

/** Clock and load of a Jetson's memory; they are in debugfs, which is root's. */
export const discoverTegraEmc: Discover = async ({ root }) => {
  if (boardFamily(root) !== 'jetson') return nothing;
  const rate = rates.find((file) => readNumber(root, file) !== undefined);
  if (!rate)
    return isForbidden(root, debug) || rates.some((file) => isForbidden(root, file))
      ? {
          sources: [],
          lacks: [
            {
              what: "the memory's clock (EMC) is in debugfs, which only root reads",
              remedy: 'sudo mount -o remount,mode=0750,gid=$(id -g) /sys/kernel/debug',
            },
          ],
        }
      : nothing;
  const activity = activities.find((file) => readNumber(root, file) !== undefined);
  const base = { driver: 'tegra-emc', scope: 'memory', label: 'EMC', kind: 'sampled' } as const;
  return {
    sources: [
      ...tried({ id: 'tegra-emc/frequency', quantity: 'frequency', ...base }, () => readNumber(root, rate)),
      ...(activity
        ? tried({ id: 'tegra-emc/load', quantity: 'load', ...base }, () =>
            parseUtilisation(readFile(root, activity), readFile(root, rate)),
          )
        : []),
    ],
    lacks: [],
  };
};
