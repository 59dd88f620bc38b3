import { boardFamily } from './board.js';
import { hwmons } from './hwmon.js';
import { nothing, tried, triedTogether } from './plausible.js';
import type { Discover, Found } from './sensor-source.js';
import { openFailure, readNumber } from './sysfs.js';

/** `throttled=0x50005` -> the bits (`throttledBits`); undefined for an error, which comes with exit status 0. */
export function parseThrottled(text: string | undefined): number | undefined {
  const hex = /^throttled=0x([0-9a-f]{1,8})\s*$/i.exec(text ?? '')?.[1];
  return hex === undefined ? undefined : Number.parseInt(hex, 16);
}

/** At least twice a second, as the bits of the present are only seen while they are set; a reading costs a process. */
const askMs = 500;

/** The firmware's word on under-voltage and throttling, as bits, and the kernel's alarm of under-voltage, 0 or 1. */
export const discoverRpiThrottled: Discover = async ({ root, run }) => {
  if (boardFamily(root) !== 'raspberry-pi') return nothing;
  const said = await run('vcgencmd', ['get_throttled']);
  const first = parseThrottled(said);
  const ask = async (): Promise<number | undefined> => parseThrottled(await run('vcgencmd', ['get_throttled']));
  const base = { driver: 'rpi-throttled', quantity: 'state', scope: 'machine', kind: 'sampled' } as const;
  return {
    sources: [
      ...triedTogether('rpi-throttled', first, ask, [
        [{ ...base, id: 'rpi-throttled/bits', label: 'get_throttled', updateMs: askMs }, (bits) => bits],
      ]),
      ...hwmons(root)
        .filter(({ name }) => name === 'rpi_volt')
        .flatMap(({ path }) =>
          tried({ ...base, id: 'rpi-throttled/under-voltage', label: 'rpi_volt in0_lcrit_alarm' }, () =>
            readNumber(root, `${path}/in0_lcrit_alarm`),
          ),
        ),
    ],
    lacks: first === undefined ? [vcgencmdLack(root, said)] : [],
  };
};

/** Why the firmware does not answer. */
function vcgencmdLack(root: string, said: string | undefined): Found['lacks'][number] {
  const failure = openFailure(root, 'dev/vcio', 'r+');
  if (failure === 'EACCES' || failure === 'EPERM' || /VCHI initialization failed/.test(said ?? ''))
    return {
      what: "vcgencmd may not use /dev/vcio: no throttling, clock or power from the Pi's firmware",
      remedy: 'sudo usermod -aG video "$USER"  # then log in again',
    };
  if (failure !== undefined)
    return {
      what: "there is no /dev/vcio: no throttling, clock or power from the Pi's firmware",
      remedy: 'sudo modprobe vcio  # a container needs --device /dev/vcio',
    };
  return { what: 'vcgencmd does not answer', remedy: 'sudo apt-get install raspi-utils' };
}
