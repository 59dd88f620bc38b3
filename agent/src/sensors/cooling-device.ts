import { idPart, tried } from './plausible.js';
import type { Discover } from './sensor-source.js';
import { cleanLabel, namesIn, parseDecimal, readFile, readNumber } from './sysfs.js';

/** `cur_state` within 0 ... `max_state`; idle ones of some kinds say -1. */
export function parseCoolingState(current: string | undefined, max: string | undefined): number | undefined {
  const [state, most] = [parseDecimal(current), parseDecimal(max)];
  if (state === undefined || !Number.isInteger(state) || state < 0) return undefined;
  return most !== undefined && state > most ? undefined : state;
}

/** How far each cooling device is turned up: one that limits a clock (`cpufreq`, `Processor`) above its state at rest is a thermal cap; others are fans. */
export const discoverCoolingDevice: Discover = async ({ root }) => ({
  sources: namesIn(root, 'sys/class/thermal')
    .filter((name) => /^cooling_device\d+$/.test(name))
    .map((name) => `sys/class/thermal/${name}`)
    .map((path) => ({ path, type: cleanLabel(readFile(root, `${path}/type`)) ?? '' }))
    .filter(({ path, type }) => type !== '' && (readNumber(root, `${path}/max_state`) ?? 0) > 0)
    .sort((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0))
    .flatMap(({ path, type }) =>
      tried(
        {
          id: `cooling-device/${idPart(type)}`,
          driver: 'cooling-device',
          quantity: 'state',
          scope: 'machine',
          label: type,
          kind: 'sampled',
          resolution: 1,
        },
        () => parseCoolingState(readFile(root, `${path}/cur_state`), readFile(root, `${path}/max_state`)),
      ),
    ),
  lacks: [],
});
