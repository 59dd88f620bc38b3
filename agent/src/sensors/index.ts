import { sensorDrivers } from '@hilltop/contracts';
import { discoverBattery } from './battery.js';
import { discoverCoolingDevice } from './cooling-device.js';
import { discoverCpufreq } from './cpufreq.js';
import { discoverHwmonGpu } from './hwmon-gpu.js';
import { discoverIna2xx } from './ina2xx.js';
import { discoverIna3221 } from './ina3221.js';
import { discoverIna3221Iio } from './ina3221-iio.js';
import { discoverNvidiaSmi } from './nvidia-smi.js';
import { discoverNvpmodel } from './nvpmodel.js';
import { nothing } from './plausible.js';
import { discoverRapl } from './rapl.js';
import { discoverRpiClock } from './rpi-clock.js';
import { discoverRpiPmic } from './rpi-pmic.js';
import { discoverRpiThrottled } from './rpi-throttled.js';
import type { Discover, Found, HostSensorDriver, SensorSource, Surroundings } from './sensor-source.js';
import { discoverSoctherm } from './soctherm.js';
import { discoverTegraEmc } from './tegra-emc.js';
import { discoverTegraGpu } from './tegra-gpu.js';
import { discoverThermalThrottle } from './thermal-throttle.js';
import { discoverThermalZone } from './thermal-zone.js';
import { chooseTotals } from './totals.js';

const discoverers = {
  ina3221: discoverIna3221,
  'ina3221-iio': discoverIna3221Iio,
  ina2xx: discoverIna2xx,
  soctherm: discoverSoctherm,
  'tegra-gpu': discoverTegraGpu,
  'tegra-emc': discoverTegraEmc,
  nvpmodel: discoverNvpmodel,
  'rpi-pmic': discoverRpiPmic,
  'rpi-throttled': discoverRpiThrottled,
  'rpi-clock': discoverRpiClock,
  rapl: discoverRapl,
  'hwmon-gpu': discoverHwmonGpu,
  'nvidia-smi': discoverNvidiaSmi,
  battery: discoverBattery,
  'thermal-zone': discoverThermalZone,
  'cooling-device': discoverCoolingDevice,
  cpufreq: discoverCpufreq,
  'thermal-throttle': discoverThermalThrottle,
} satisfies Record<HostSensorDriver, Discover>;

/** As many as the facts of a device hold. */
const mostSensors = 256;

/** All usable sensors of this machine in a stable order with stable ids, totals chosen, and what keeps it from more. Never rejects. */
export async function discoverSensors(around: Surroundings): Promise<Found> {
  const found: Found[] = [];
  // One after the other: tools of a vendor that all ask one firmware.
  for (const driver of sensorDrivers) {
    if (driver in discoverers) found.push(await discoverers[driver as HostSensorDriver](around).catch(() => nothing));
  }
  const sources = named(found.flatMap((one) => one.sources)).slice(0, mostSensors);
  const sensors = chooseTotals(sources.map(({ sensor }) => sensor));
  return {
    sources: sources.map((source, i) => ({ ...source, sensor: sensors[i]! })),
    lacks: found.flatMap((one) => one.lacks),
  };
}

/** Two that the hardware calls the same are told apart by their order. */
function named(sources: readonly SensorSource[]): SensorSource[] {
  const times = new Map<string, number>();
  return sources.map((source) => {
    const { id } = source.sensor;
    const time = (times.get(id) ?? 0) + 1;
    times.set(id, time);
    return time === 1 ? source : { ...source, sensor: { ...source.sensor, id: `${id}#${time}` } };
  });
}
