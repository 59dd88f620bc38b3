import type { Sensor } from '@hilltop/contracts';
import { type Hwmon, hwmons } from './hwmon.js';
import { type InaPlace, inaQuality, isInputRail, isNoRail } from './ina-chips.js';
import { parseRail } from './ina3221.js';
import { idPart, tried } from './plausible.js';
import type { Discover, Found, SensorSource, Surroundings } from './sensor-source.js';
import { cleanLabel, namesIn, parseDecimal, readFile, readNumber } from './sysfs.js';

const chips = /^(ina209|ina219|ina220|ina226|ina23[0148]|ina237|ina260|sy24655)$/;

/** `power1_input`, uW -> W; without such a file the product of `in1_input` and `curr1_input`. */
export function parsePower(
  microwatts: string | undefined,
  millivolts: string | undefined,
  milliamperes: string | undefined,
): number | undefined {
  const uw = parseDecimal(microwatts);
  if (uw !== undefined) return uw / 1e6;
  const rail = parseRail(millivolts, milliamperes);
  return rail && rail.volt * rail.ampere;
}

/**
 * Single-channel current monitors, as on breakout boards: the power of the rail each is in, W. Where one is the supply of the whole
 * board, a person says so: calibration `<address>.boardInput=1`; `<address>.shuntOhm`: what is soldered in, where the driver
 * was told something else.
 */
export const discoverIna2xx: Discover = async (around) => {
  const found = hwmons(around.root).filter(({ name }) => chips.test(name));
  return { sources: found.flatMap((chip) => rail(around, chip)), lacks: unbound(around.root, found) };
};

function rail({ root, calibration }: Surroundings, chip: Hwmon): SensorSource[] {
  const file = (name: string): string => `${chip.path}/${name}`;
  const text = (name: string): string | undefined => readFile(root, file(name));
  const label = cleanLabel(text('in1_label') ?? text('power1_label') ?? text('label'));
  if (label && isNoRail(label)) return [];
  const own = calibration?.ina2xx ?? {};
  const assumed = (readNumber(root, file('shunt_resistor')) ?? 0) / 1e6;
  const measured = own[`${chip.device}.shuntOhm`];
  const scale = measured && assumed ? assumed / measured : 1;
  const volt = (readNumber(root, file('in1_input')) ?? 0) / 1000;
  if (!(volt > 0)) return [];
  const boardInput = own[`${chip.device}.boardInput`] === 1;
  const interval = readNumber(root, file('update_interval'));
  return tried(
    {
      id: `ina2xx/${idPart(label ?? chip.device)}`,
      driver: 'ina2xx',
      quantity: 'power',
      scope: boardInput ? 'board-input' : isInputRail(label) ? 'module-input' : 'rail',
      label: label ?? `${chip.name} at ${chip.device}`,
      kind: 'sampled',
      ...quality(chip.name, {
        shuntOhm: measured ?? assumed,
        shunt: measured ? 'measured' : 'assumed',
        volt,
        from: text('power1_input') === undefined ? 'product' : 'register',
      }),
      ...(interval && interval > 0 && { updateMs: interval }),
    },
    () => {
      const watt = parsePower(text('power1_input'), text('in1_input'), text('curr1_input'));
      return watt === undefined ? undefined : watt * scale;
    },
  );
}

/** Of the chips whose steps are known. INA260: its shunt is inside, 10 mW a step; its gain is not known here. */
function quality(name: string, place: InaPlace): Pick<Sensor, 'resolution' | 'uncertainty'> {
  if (name === 'ina260')
    return { resolution: place.from === 'register' ? 0.01 : Number((1.25e-3 * place.volt).toPrecision(4)) };
  const chip = /^ina(209|219|220)$/.test(name) ? 'ina219' : /^ina(226|230|231)$/.test(name) ? 'ina226' : undefined;
  return chip && place.shuntOhm > 0 ? inaQuality(chip, place) : {};
}

/** Chips that the bus knows and no driver has taken. */
function unbound(root: string, found: readonly Hwmon[]): Found['lacks'] {
  return namesIn(root, 'sys/bus/i2c/devices').flatMap((device) => {
    const name = cleanLabel(readFile(root, `sys/bus/i2c/devices/${device}/name`)) ?? '';
    const taken =
      found.some((chip) => chip.device === device) || namesIn(root, `sys/bus/i2c/devices/${device}/hwmon`).length > 0;
    return chips.test(name) && !taken
      ? [{ what: `${name} at ${device}: no driver has it`, remedy: 'sudo modprobe ina2xx' }]
      : [];
  });
}
