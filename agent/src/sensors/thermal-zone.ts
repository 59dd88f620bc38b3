import type { SensorScope } from '@hilltop/contracts';
import { parseMillicelsius } from './hwmon-gpu.js';
import { idPart, plausible, tried } from './plausible.js';
import type { Discover } from './sensor-source.js';
import { cleanLabel, namesIn, readFile } from './sysfs.js';

/** Trip points as pairs of type and thousandths of a degree -> the lowest from which the kernel or the firmware throttles, °C. */
export function passiveTrip(
  trips: ReadonlyArray<readonly [type: string | undefined, temp: string | undefined]>,
): number | undefined {
  const passive = trips
    .filter(([type]) => type?.trim() === 'passive')
    .map(([, temp]) => plausible('temperature', parseMillicelsius(temp)))
    .filter((celsius) => celsius !== undefined);
  return passive.length > 0 ? Math.min(...passive) : undefined;
}

/** Zones by their type, °C, with the lowest passive trip point as the limit. Jetson's PMIC zone is a constant; an offline one errors or says -256. */
export const discoverThermalZone: Discover = async ({ root }) => ({
  sources: namesIn(root, 'sys/class/thermal')
    .filter((name) => /^thermal_zone\d+$/.test(name))
    .map((name) => `sys/class/thermal/${name}`)
    .map((path) => ({ path, type: cleanLabel(readFile(root, `${path}/type`)) ?? '' }))
    .filter(({ type }) => type !== '' && !/pmic/i.test(type))
    // Kernels number zones as their drivers come up.
    .sort((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0))
    .flatMap(({ path, type }) => {
      const limit = passiveTrip(
        namesIn(root, path).flatMap((file) => {
          const trip = /^(trip_point_\d+)_type$/.exec(file)?.[1];
          return trip ? [[readFile(root, `${path}/${file}`), readFile(root, `${path}/${trip}_temp`)] as const] : [];
        }),
      );
      return tried(
        {
          id: `thermal-zone/${idPart(type)}`,
          driver: 'thermal-zone',
          quantity: 'temperature',
          scope: scopeOf(type),
          label: type,
          kind: 'sampled',
          ...(limit !== undefined && { limit }),
        },
        () => parseMillicelsius(readFile(root, `${path}/temp`)),
      );
    }),
  lacks: [],
});

function scopeOf(type: string): SensorScope {
  if (/gpu/i.test(type)) return 'gpu';
  return /cpu|soc|pkg|^tj/i.test(type) ? 'package' : 'machine';
}
