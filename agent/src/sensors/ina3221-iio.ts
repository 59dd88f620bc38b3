import { isInputRail, isNoRail } from './ina-chips.js';
import { idPart, tried } from './plausible.js';
import type { Discover, SensorSource } from './sensor-source.js';
import { cleanLabel, namesIn, parseDecimal, readFile, readNumber } from './sysfs.js';

/** `in_power0_input`, mW (some kernels write the unit behind it) -> W. */
export function parseMilliwatts(text: string | undefined): number | undefined {
  const mw = parseDecimal(text);
  return mw === undefined ? undefined : mw / 1000;
}

const drivers = 'sys/bus/i2c/drivers/ina3221x';

/** Rails of the INA3221 chips of Jetsons with JetPack 4, W. Its files name neither shunt nor interval: no uncertainty is claimed. */
export const discoverIna3221Iio: Discover = async ({ root }) => {
  const sources = namesIn(root, drivers).flatMap((chip) =>
    namesIn(root, `${drivers}/${chip}`)
      .filter((name) => name.startsWith('iio:device'))
      .flatMap((device) => [0, 1, 2].flatMap((channel) => rail(root, `${drivers}/${chip}/${device}`, channel))),
  );
  return { sources, lacks: [] };
};

function rail(root: string, path: string, channel: number): SensorSource[] {
  const label = cleanLabel(readFile(root, `${path}/rail_name_${channel}`));
  const millivolts = readNumber(root, `${path}/in_voltage${channel}_input`);
  if (!label || isNoRail(label) || (millivolts !== undefined && millivolts <= 0)) return [];
  return tried(
    {
      id: `ina3221-iio/${idPart(label)}`,
      driver: 'ina3221-iio',
      quantity: 'power',
      scope: isInputRail(label) ? 'module-input' : 'rail',
      label,
      kind: 'sampled',
    },
    () => parseMilliwatts(readFile(root, `${path}/in_power${channel}_input`)),
  );
}
