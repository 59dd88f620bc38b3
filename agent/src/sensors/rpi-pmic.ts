import type { Sensor } from '@hilltop/contracts';
import { boardFamily } from './board.js';
import { nothing, triedTogether } from './plausible.js';
import type { Discover } from './sensor-source.js';

/** Rails of `vcgencmd pmic_read_adc` by name, V and A; some have a voltage only. */
export type PmicRails = ReadonlyMap<string, { readonly volt?: number; readonly ampere?: number }>;

/** Lines such as `VDD_CORE_A current(7)=1.54489000A`, joined by name; the numbers of current and voltage have nothing to do with each other. */
export function parsePmic(text: string | undefined): PmicRails {
  const rails = new Map<string, { volt?: number; ampere?: number }>();
  for (const [, name, kind, word, digits, unit] of (text ?? '').matchAll(
    /^[ \t]*(\w{1,40})_([AV]) (current|volt)\(\d{1,4}\)=(-?\d{1,6}(?:\.\d{1,12})?)([AV])[ \t]*\r?$/gm,
  )) {
    if (kind !== unit || (word === 'current') !== (unit === 'A')) continue;
    rails.set(name!, { ...rails.get(name!), [unit === 'A' ? 'ampere' : 'volt']: Number(digits) });
  }
  return rails;
}

/** Power of all rails that have both, or of those that are named, W; undefined when there is none. */
export function pmicPower(rails: PmicRails, names: readonly string[] = [...rails.keys()]): number | undefined {
  const powers = names.flatMap((name) => {
    const { volt, ampere } = rails.get(name) ?? {};
    return volt === undefined || ampere === undefined ? [] : [volt * ampere];
  });
  return powers.length > 0 ? powers.reduce((sum, watt) => sum + watt, 0) : undefined;
}

/** Fit of one Pi 5 to one USB-C meter (jfikar/RPi5-power): another board may differ by 10 %, one's own calibration by 2 %. */
const fitted = { slope: 1.1451, intercept: 0.5879 } as const;

/** One reading takes 23 ms, most of it in the firmware. */
const readingMs = 100;

/**
 * What a Raspberry Pi 5's own converter reads, W: the sum of its regulated rails (without losses and whatever is fed from 5 V),
 * and the board's input as a line over it: calibration `slope`, `intercept` (W). Older boards measure no current.
 */
export const discoverRpiPmic: Discover = async ({ root, run, calibration }) => {
  if (boardFamily(root) !== 'raspberry-pi') return nothing;
  const ask = async (): Promise<PmicRails | undefined> => {
    const rails = parsePmic(await run('vcgencmd', ['pmic_read_adc']));
    return rails.size > 0 ? rails : undefined;
  };
  const own = calibration?.['rpi-pmic'];
  const { slope, intercept } = { ...fitted, ...own };
  const isOwn = own?.slope !== undefined && own.intercept !== undefined;
  const base = { driver: 'rpi-pmic', quantity: 'power', kind: 'sampled', updateMs: readingMs } as const;
  const rows: Array<[Sensor, (rails: PmicRails) => number | undefined]> = [
    [
      {
        ...base,
        id: 'rpi-pmic/board',
        scope: 'board-input',
        label: `${slope} x sum of rails + ${intercept} W`,
        uncertainty: isOwn
          ? { gain: 0.02, offset: 0, source: "this device's own calibration, 2 %" }
          : {
              gain: 0.1,
              offset: 0,
              source: 'fit of another unit (jfikar/RPi5-power), 10 % until this device is calibrated',
            },
      },
      (rails) => {
        const sum = pmicPower(rails);
        return sum === undefined ? undefined : slope * sum + intercept;
      },
    ],
    [
      { ...base, id: 'rpi-pmic/sum', scope: 'board-regulated-partial', label: 'sum of rails' },
      (rails) => pmicPower(rails),
    ],
    [{ ...base, id: 'rpi-pmic/VDD_CORE', scope: 'rail', label: 'VDD_CORE' }, (rails) => pmicPower(rails, ['VDD_CORE'])],
    [
      { ...base, id: 'rpi-pmic/DDR', scope: 'memory', label: 'DDR_VDD2 + DDR_VDDQ' },
      (rails) => pmicPower(rails, ['DDR_VDD2', 'DDR_VDDQ']),
    ],
    [
      { ...base, id: 'rpi-pmic/EXT5V', quantity: 'voltage', scope: 'board-input', label: 'EXT5V' },
      (rails) => rails.get('EXT5V')?.volt,
    ],
  ];
  return { sources: triedTogether('rpi-pmic', await ask(), ask, rows), lacks: [] };
};
