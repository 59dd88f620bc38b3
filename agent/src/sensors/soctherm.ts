import { hwmons } from './hwmon.js';
import { tried } from './plausible.js';
import type { Discover } from './sensor-source.js';
import { parseDecimal, readFile } from './sysfs.js';

/** What each counter of `soctherm_oc` counts: every event throttled the module. */
const events: Readonly<Record<number, string>> = {
  1: 'under-voltage',
  2: 'average over-current',
  3: 'instantaneous over-current',
};

/** `oc1_event_cnt` -> events since the start; whole and not negative. */
export function parseEventCount(text: string | undefined): number | undefined {
  const count = parseDecimal(text);
  return count !== undefined && Number.isInteger(count) && count >= 0 ? count : undefined;
}

/** Jetson's counters of throttling by its supply; only their difference over a run means something. */
export const discoverSoctherm: Discover = async ({ root }) => ({
  sources: hwmons(root)
    .filter(({ name }) => name === 'soctherm_oc')
    .flatMap(({ path }) =>
      Object.entries(events).flatMap(([number, label]) =>
        tried(
          {
            id: `soctherm/oc${number}`,
            driver: 'soctherm',
            quantity: 'count',
            scope: 'module-input',
            label,
            kind: 'counter',
          },
          () => parseEventCount(readFile(root, `${path}/oc${number}_event_cnt`)),
        ),
      ),
    ),
  lacks: [],
});
