import { type Hwmon, hwmons } from './hwmon.js';
import { parsePower } from './ina2xx.js';
import { tried } from './plausible.js';
import { parseMicrojoules } from './rapl.js';
import type { Discover, SensorSource } from './sensor-source.js';
import { parseDecimal, readFile, readNumber } from './sysfs.js';

/** `temp1_input`, thousandths -> °C. */
export function parseMillicelsius(text: string | undefined): number | undefined {
  const milli = parseDecimal(text);
  return milli === undefined ? undefined : milli / 1000;
}

/** Power (amdgpu, W) or energy (i915, xe, J) and temperature of graphics processors. One inside a processor is in its package. */
export const discoverHwmonGpu: Discover = async ({ root }) => ({
  sources: hwmons(root)
    .filter(({ name }) => /^(amdgpu|i915|xe)$/.test(name))
    .flatMap((chip) => gpu(root, chip)),
  lacks: [],
});

function gpu(root: string, { path, name, device }: Hwmon): SensorSource[] {
  const id = `hwmon-gpu/${name}@${device}`;
  const base = { driver: 'hwmon-gpu', scope: 'gpu', label: name } as const;
  const power = ['power1_average', 'power1_input'].find((file) => readNumber(root, `${path}/${file}`) !== undefined);
  return [
    ...(power
      ? tried(
          { ...base, id: `${id}/power`, quantity: 'power', kind: 'sampled' },
          () => parsePower(readFile(root, `${path}/${power}`), undefined, undefined),
          // 0 at the trial: asleep, or never measured.
          (watt) => watt > 0,
        )
      : []),
    ...tried(
      { ...base, id: `${id}/energy`, quantity: 'energy', kind: 'counter' },
      () => parseMicrojoules(readFile(root, `${path}/energy1_input`)),
      (joule) => joule > 0,
    ),
    ...tried({ ...base, id: `${id}/temperature`, quantity: 'temperature', kind: 'sampled' }, () =>
      parseMillicelsius(readFile(root, `${path}/temp1_input`)),
    ),
  ];
}
