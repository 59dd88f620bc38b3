import { tried } from './plausible.js';
import type { Discover, SensorSource } from './sensor-source.js';
import { parseEventCount } from './soctherm.js';
import { namesIn, readFile } from './sysfs.js';

const folder = 'sys/devices/system/cpu';

/** Sum of counts; undefined when there is none. */
export function sumOfCounts(texts: ReadonlyArray<string | undefined>): number | undefined {
  const counts = texts.map(parseEventCount).filter((count) => count !== undefined);
  return counts.length > 0 ? counts.reduce((sum, count) => sum + count, 0) : undefined;
}

/** How often an x86 processor throttled for heat, by its cores and by its packages; only differences mean something. */
export const discoverThermalThrottle: Discover = async ({ root }) => {
  const cpus = namesIn(root, folder).filter((name) => /^cpu\d+$/.test(name));
  const packages = new Map(
    // The first processor of each: all of a package show the same counter.
    [...cpus].reverse().map((cpu) => [readFile(root, `${folder}/${cpu}/topology/physical_package_id`) ?? '', cpu]),
  );
  const counter = (kind: 'core' | 'package', of: readonly string[]): SensorSource[] =>
    tried(
      {
        id: `thermal-throttle/${kind}`,
        driver: 'thermal-throttle',
        quantity: 'count',
        scope: kind,
        kind: 'counter',
        // As many files as cores: not at every turn.
        updateMs: 1000,
      },
      () => sumOfCounts(of.map((cpu) => readFile(root, `${folder}/${cpu}/thermal_throttle/${kind}_throttle_count`))),
    );
  return { sources: [...counter('core', cpus), ...counter('package', [...packages.values()])], lacks: [] };
};
