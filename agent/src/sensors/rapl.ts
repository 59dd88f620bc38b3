import type { SensorScope } from '@hilltop/contracts';
import { idPart, tried } from './plausible.js';
import type { Discover, SensorSource } from './sensor-source.js';
import { cleanLabel, isForbidden, namesIn, parseDecimal, readFile } from './sysfs.js';

const powercap = 'sys/class/powercap';

/** `energy_uj` -> J, a counter that starts again from 0 after `max_energy_range_uj`. */
export function parseMicrojoules(text: string | undefined): number | undefined {
  const uj = parseDecimal(text);
  return uj === undefined || uj < 0 ? undefined : uj / 1e6;
}

/** What a domain contains, by its name: `package-0`, `package-1-die-0`, `core`, `uncore`, `dram`, `psys`. */
function scopeOf(name: string): SensorScope {
  if (name.startsWith('package')) return 'package';
  if (name === 'core') return 'core';
  if (name === 'dram') return 'memory';
  return name === 'uncore' ? 'gpu' : 'machine';
}

interface Zone {
  readonly path: string;
  readonly name: string;
  /** `package-0`, `package-0/core`. */
  readonly id: string;
}

/** Domains of energy of the processor, J. Zones of `intel-rapl-mmio` say the same package once more and are used only alone. */
export const discoverRapl: Discover = async ({ root }) => {
  const all = namesIn(root, powercap);
  const prefix = all.some((name) => name.startsWith('intel-rapl:')) ? 'intel-rapl' : 'intel-rapl-mmio';
  const zones = zonesOf(
    root,
    all.filter((name) => name.startsWith(`${prefix}:`)),
  );
  const hidden = zones.filter(({ path }) => isForbidden(root, `${path}/energy_uj`));
  return {
    sources: zones.flatMap((zone) => domain(root, zone)),
    lacks:
      hidden.length > 0
        ? [
            {
              what: `only root reads the processor's energy (RAPL ${hidden.map(({ id }) => id).join(', ')}); whoever may can guess at what others compute (CVE-2020-8694)`,
              remedy: raplRemedy,
            },
          ]
        : [],
  };
};

/** Opens the files, which are root's since CVE-2020-8694, to the user's group, also after a restart of the machine. */
export const raplRemedy =
  `printf 'z /sys/devices/virtual/powercap/*/*/energy_uj 0440 root %s\\nz /sys/devices/virtual/powercap/*/*/*/energy_uj 0440 root %s\\n' "$(id -gn)" "$(id -gn)"` +
  ' | sudo tee /etc/tmpfiles.d/hilltop-rapl.conf && sudo systemd-tmpfiles --create hilltop-rapl.conf';

function zonesOf(root: string, folders: readonly string[]): Zone[] {
  const names = new Map(
    folders.flatMap((folder): Array<[string, string]> => {
      const name = cleanLabel(readFile(root, `${powercap}/${folder}/name`));
      return name ? [[folder, name]] : [];
    }),
  );
  return [...names]
    .map(([folder, name]): Zone => {
      const parent = /^(.+:\d+):\d+$/.exec(folder)?.[1];
      const above = parent && names.get(parent);
      return { path: `${powercap}/${folder}`, name, id: above ? `${idPart(above)}/${idPart(name)}` : idPart(name) };
    })
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** A unit of the counter is 2^-14 J on most processors; some have a finer one. It moves every 976 us. */
const unitJ = 2 ** -14;
const updateMs = 0.976;

function domain(root: string, { path, name, id }: Zone): SensorSource[] {
  const range = parseMicrojoules(readFile(root, `${path}/max_energy_range_uj`));
  return tried(
    {
      id: `rapl/${id}`,
      driver: 'rapl',
      quantity: 'energy',
      scope: scopeOf(name),
      label: name,
      kind: 'counter',
      resolution: unitJ,
      updateMs,
      ...(range && { wrapsAt: range }),
    },
    () => parseMicrojoules(readFile(root, `${path}/energy_uj`)),
    // Virtual machines show counters that stay 0 for ever.
    (joule) => joule > 0,
  );
}
