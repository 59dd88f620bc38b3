import { type Hwmon, hwmons } from './hwmon.js';
import { inaQuality, isInputRail, isNoRail } from './ina-chips.js';
import { idPart, tried } from './plausible.js';
import type { Discover, SensorSource, Surroundings } from './sensor-source.js';
import { cleanLabel, parseDecimal, readFile, readNumber } from './sysfs.js';

/** `in1_input` (mV) and `curr1_input` (mA) -> V and A of a rail. */
export function parseRail(
  millivolts: string | undefined,
  milliamperes: string | undefined,
): { readonly volt: number; readonly ampere: number } | undefined {
  const [mv, ma] = [parseDecimal(millivolts), parseDecimal(milliamperes)];
  return mv === undefined || ma === undefined ? undefined : { volt: mv / 1000, ampere: ma / 1000 };
}

/** One conversion of bus and shunt of three channels with the kernel's defaults (1.1 ms each). */
const roundMs = 6.6;

/** Rails of the INA3221 chips of Jetsons from JetPack 5 on, and of boards that carry one: V x A, W. Channel 7 is the chip's sum. */
export const discoverIna3221: Discover = async (around) => ({
  sources: hwmons(around.root)
    .filter(({ name }) => name.includes('ina3221'))
    .flatMap((chip) => [1, 2, 3].flatMap((channel) => rail(around, chip, channel))),
  lacks: [],
});

function rail({ root, calibration }: Surroundings, chip: Hwmon, channel: number): SensorSource[] {
  const file = (name: string): string => `${chip.path}/${name}`;
  const label = cleanLabel(readFile(root, file(`in${channel}_label`)));
  if ((label && isNoRail(label)) || readNumber(root, file(`in${channel}_enable`)) === 0) return [];
  // What the driver multiplied with against what is soldered in.
  const assumed = (readNumber(root, file(`shunt${channel}_resistor`)) ?? 0) / 1e6;
  const measured = calibration?.ina3221?.[`${chip.device}.${channel}.shuntOhm`];
  const shuntOhm = measured ?? assumed;
  const scale = measured && assumed ? assumed / measured : 1;
  const values = (): ReturnType<typeof parseRail> =>
    parseRail(readFile(root, file(`in${channel}_input`)), readFile(root, file(`curr${channel}_input`)));
  const volt = values()?.volt ?? 0;
  // A rail without voltage is not connected, or off for ever.
  if (!(volt > 0)) return [];
  return tried(
    {
      id: `ina3221/${idPart(label ?? `${chip.device}.${channel}`)}`,
      driver: 'ina3221',
      quantity: 'power',
      scope: isInputRail(label) ? 'module-input' : 'rail',
      ...(label && { label }),
      kind: 'sampled',
      ...(shuntOhm > 0 &&
        inaQuality('ina3221', { shuntOhm, shunt: measured ? 'measured' : 'assumed', volt, from: 'product' })),
      updateMs:
        positive(readNumber(root, file('update_interval'))) ?? roundMs * (readNumber(root, file('samples')) || 1),
    },
    () => {
      const now = values();
      return now && now.volt * now.ampere * scale;
    },
  );
}

const positive = (value: number | undefined): number | undefined => (value && value > 0 ? value : undefined);
