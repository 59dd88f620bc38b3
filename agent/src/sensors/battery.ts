import { idPart, tried } from './plausible.js';
import type { Discover, Found } from './sensor-source.js';
import { cleanLabel, namesIn, parseDecimal, readFile, readNumber } from './sysfs.js';

export interface BatteryFiles {
  readonly status: string | undefined;
  readonly power_now: string | undefined;
  readonly voltage_now: string | undefined;
  readonly current_now: string | undefined;
}

/** Power taken from the battery, W: uW, or uV x uA, whose sign differs between makers. Only while it discharges is that the machine's. */
export function parseBatteryPower(files: BatteryFiles): number | undefined {
  if (files.status?.trim() !== 'Discharging') return undefined;
  const [uw, uv, ua] = [files.power_now, files.voltage_now, files.current_now].map(parseDecimal);
  if (uw !== undefined) return Math.abs(uw) / 1e6;
  return uv === undefined || ua === undefined ? undefined : Math.abs((uv / 1e6) * (ua / 1e6));
}

/** Embedded controllers renew it every 1 to 30 s: for windows of 10 min and more. */
const updateMs = 30_000;

/** Power that the machine takes from its own batteries, not from those of mice and headsets. */
export const discoverBattery: Discover = async ({ root }) => {
  const found = namesIn(root, 'sys/class/power_supply').flatMap((name): Found[] => {
    const path = `sys/class/power_supply/${name}`;
    const text = (file: string): string | undefined => cleanLabel(readFile(root, `${path}/${file}`));
    if (text('type') !== 'Battery' || text('scope') === 'Device' || readNumber(root, `${path}/present`) === 0)
      return [];
    const sources = tried(
      {
        id: `battery/${idPart(name)}`,
        driver: 'battery',
        quantity: 'power',
        scope: 'battery',
        label: name,
        kind: 'sampled',
        updateMs,
      },
      () =>
        parseBatteryPower({
          status: text('status'),
          power_now: text('power_now'),
          voltage_now: text('voltage_now'),
          current_now: text('current_now'),
        }),
      (watt) => watt > 0,
    );
    const lack = {
      what: `battery ${name} gives no power: it is not discharging`,
      remedy: 'unplug the charger, start the agent again',
    };
    return [{ sources, lacks: sources.length > 0 || text('status') === 'Discharging' ? [] : [lack] }];
  });
  return { sources: found.flatMap(({ sources }) => sources), lacks: found.flatMap(({ lacks }) => lacks) };
};
