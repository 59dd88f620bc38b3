import { boardFamily } from './board.js';
import { nothing, triedTogether } from './plausible.js';
import type { Discover } from './sensor-source.js';

/** `frequency(48)=1500345728` -> Hz; the number in parentheses differs between firmwares. */
export function parseClock(text: string | undefined): number | undefined {
  const digits = /^frequency\(\d{1,4}\)=(\d{1,12})\s*$/.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const askMs = 500;

/** The cores' real clock: the firmware may throttle without the kernel's cpufreq knowing. */
export const discoverRpiClock: Discover = async ({ root, run }) => {
  if (boardFamily(root) !== 'raspberry-pi') return nothing;
  const ask = async (): Promise<number | undefined> => parseClock(await run('vcgencmd', ['measure_clock', 'arm']));
  return {
    sources: triedTogether('rpi-clock', await ask(), ask, [
      [
        {
          id: 'rpi-clock/arm',
          driver: 'rpi-clock',
          quantity: 'frequency',
          scope: 'core',
          label: 'measure_clock arm',
          kind: 'sampled',
          updateMs: askMs,
        },
        (hz) => hz,
      ],
    ]),
    lacks: [],
  };
};
