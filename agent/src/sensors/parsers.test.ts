import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseBatteryPower } from './battery.js';
import { parseBoardFamily } from './board.js';
import { parseCoolingState } from './cooling-device.js';
import { parseKilohertz, parseTimeInState } from './cpufreq.js';
import { parseMillicelsius } from './hwmon-gpu.js';
import { parsePower } from './ina2xx.js';
import { parseRail } from './ina3221.js';
import { parseMilliwatts } from './ina3221-iio.js';
import { parseNvidiaSmi } from './nvidia-smi.js';
import { parseNvpmodel } from './nvpmodel.js';
import { parseMicrojoules } from './rapl.js';
import { parseClock } from './rpi-clock.js';
import { parsePmic, pmicPower } from './rpi-pmic.js';
import { parseThrottled } from './rpi-throttled.js';
import { parseEventCount } from './soctherm.js';
import { cleanLabel, parseDecimal } from './sysfs.js';
import { parseUtilisation } from './tegra-emc.js';
import { parseLoad } from './tegra-gpu.js';
import { pmicOutput } from './testing/raspberry-pi-5.js';
import { sumOfCounts } from './thermal-throttle.js';
import { passiveTrip } from './thermal-zone.js';

type Parser = (text: string, other: string) => unknown;

const parsers: Record<string, Parser> = {
  decimal: parseDecimal,
  label: cleanLabel,
  family: parseBoardFamily,
  rail: parseRail,
  milliwatts: parseMilliwatts,
  power: (a, b) => [parsePower(a, b, a), parsePower(undefined, a, b)],
  events: parseEventCount,
  load: parseLoad,
  utilisation: parseUtilisation,
  nvpmodel: parseNvpmodel,
  pmic: (text) => pmicPower(parsePmic(text)),
  throttled: parseThrottled,
  clock: parseClock,
  energy: parseMicrojoules,
  nvidia: parseNvidiaSmi,
  battery: (a, b) => parseBatteryPower({ status: 'Discharging', power_now: undefined, voltage_now: a, current_now: b }),
  temperature: parseMillicelsius,
  trip: (a, b) =>
    passiveTrip([
      ['passive', a],
      [b, a],
    ]),
  cooling: parseCoolingState,
  frequency: parseKilohertz,
  cycles: parseTimeInState,
  counts: (a, b) => sumOfCounts([a, b]),
};

/** Whether nothing in a parser's answer is NaN or infinite. */
function isSound(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isSound);
}

/** Real answers, cut, doubled and joined with noise. */
const near = fc
  .tuple(
    fc.constantFrom(
      pmicOutput,
      'throttled=0x50005\n',
      'frequency(48)=1500345728\n',
      'NV Power Mode: MAXN\n0\n',
      '0, 25.31, 41, 1410, 0x0000000000000004\n',
      '600000 100\n1500000 300\n',
      '4984\n',
      '4000 ma\n',
      '-256000\n',
      'error=1 error_msg="Command not registered"\n',
    ),
    fc.nat(900),
    fc.nat(900),
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.constantFrom('', '-', '1e999', 'NaN', 'Infinity', '.', '0x'),
    ),
  )
  .map(([text, cut, from, noise]) => text.slice(0, cut) + noise + text.slice(from % (text.length + 1)));
const texts = fc.oneof(near, fc.string({ unit: 'binary' }), fc.double().map(String), fc.bigInt().map(String));

describe('parsers of sensors', () => {
  it.each(Object.entries(parsers))('[SENSE-10] %s: whatever the text, no error and no NaN', (_name, parse) => {
    fc.assert(
      fc.property(texts, texts, (text, other) => isSound(parse(text, other))),
      { numRuns: 500 },
    );
  });

  const read: Array<[string, unknown, unknown]> = [
    ['4984 mV x 1856 mA', (({ volt, ampere }) => volt * ampere)(parseRail('4984\n', '1856\n')!), 9.250304],
    ['a unit behind the number', parseMilliwatts('4000 ma'), 4],
    ['the power register before the product', parsePower('4306250', '5112', '843'), 4.30625],
    ['the product without it', parsePower(undefined, '5112', '843')!.toFixed(6), '4.309416'],
    ['0x50005', parseThrottled('throttled=0x50005\n'), 0x50005],
    ['an error with exit status 0', parseThrottled('error=1 error_msg="Command not registered"'), undefined],
    ['the refusal of the mailbox', parseThrottled('VCHI initialization failed'), undefined],
    ['the clock of an older firmware', parseClock('frequency(0)=600117184\n'), 600_117_184],
    ['energy in J', parseMicrojoules('262143000000'), 262_143],
    [
      'a battery by voltage and current',
      parseBatteryPower({
        status: 'Discharging\n',
        power_now: undefined,
        voltage_now: '11934000',
        current_now: '-612000',
      })!.toFixed(3),
      '7.304',
    ],
    ['per mille', parseLoad('437'), 0.437],
    ['beyond per mille', parseLoad('5000'), undefined],
    [
      'a mode with its number',
      parseNvpmodel('NV Fan Mode:quiet\nNV Power Mode: MODE_30W_ALL\n3\n'),
      { name: 'MODE_30W_ALL', id: 3 },
    ],
    ['a mode without its number', parseNvpmodel('NV Power Mode: MAXN\n'), undefined],
    ['cycles', parseTimeInState('600000 100\n1500000 300\n'), 5.1e9],
    ['a broken table of times', parseTimeInState('600000 100\nfreq lost\n'), undefined],
    ['an idle power clamp', parseCoolingState('-1', '50'), undefined],
    [
      'the lowest passive trip',
      passiveTrip([
        ['critical', '105000'],
        ['passive\n', '99000\n'],
        ['passive', '85000'],
      ]),
      85,
    ],
    [
      'no trip',
      passiveTrip([
        ['passive', undefined],
        ['critical', '105000'],
      ]),
      undefined,
    ],
  ];
  it.each(read)('[SENSE-3] read %s', (_what, value, expected) => {
    expect(value).toEqual(expected);
  });

  it('[SENSE-6] the PMIC joins current and voltage by name: 3.50705 W over 12 rails, VDD_CORE 1.37071 W, DDR 0.14654 W', () => {
    const rails = parsePmic(pmicOutput);
    expect([...rails.keys()].filter((name) => rails.get(name)!.ampere !== undefined)).toHaveLength(12);
    expect(
      [pmicPower(rails), pmicPower(rails, ['VDD_CORE']), pmicPower(rails, ['DDR_VDD2', 'DDR_VDDQ'])].map((w) =>
        w!.toFixed(5),
      ),
    ).toEqual(['3.50705', '1.37071', '0.14654']);
    expect(pmicPower(rails, ['EXT5V'])).toBeUndefined();
    // Order and numbers of the lines mean nothing.
    const shuffled = pmicOutput.trimEnd().split('\n').reverse().join('\r\n');
    expect(pmicPower(parsePmic(shuffled))!.toFixed(5)).toBe('3.50705');
  });
});
