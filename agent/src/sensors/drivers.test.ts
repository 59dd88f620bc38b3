import { counterDifference, type Sensor, throttledDuring } from '@hilltop/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { discoverSensors } from './index.js';
import { raplRemedy } from './rapl.js';
import { boards } from './testing/boards.js';
import {
  all,
  type BuiltBoard,
  broken,
  buildBoard,
  constructed,
  linkTo,
  readings,
  type Tree,
  under,
  unprivileged,
} from './testing/tree.js';
import { chooseTotals } from './totals.js';

let board: BuiltBoard;
afterEach(() => board?.remove());

async function look(fixture: Parameters<typeof buildBoard>[0]) {
  board = await buildBoard(fixture);
  const found = await discoverSensors(board);
  return { ...found, values: Object.fromEntries((await readings(found)).map(({ id, value }) => [id, value])) };
}
const sensorOf = (sources: Awaited<ReturnType<typeof look>>['sources'], id: string): Sensor | undefined =>
  sources.find(({ sensor }) => sensor.id === id)?.sensor;

const ina = (files: Record<string, string | number>): Tree =>
  under('sys/class/hwmon/hwmon7', { device: linkTo('../../../3-0044'), ...all(constructed, files) });

describe('currents over shunts', () => {
  const rail = { name: 'ina3221', in2_label: 'VDD_5V', in2_input: 5000, curr2_input: 1000, shunt2_resistor: 5000 };

  it('[SENSE-9] a rail is scaled by the shunt that is there over the one the driver was told', async () => {
    const own = await look({ files: ina(rail), calibration: { ina3221: { '3-0044.2.shuntOhm': 0.01 } } });
    expect(own.values).toEqual({ 'ina3221/VDD_5V': 2.5 });
    expect(sensorOf(own.sources, 'ina3221/VDD_5V')).toMatchObject({
      resolution: 0.02,
      uncertainty: { source: 'data sheet of the INA3221 (SBOS576), shunt as calibrated' },
    });
  });

  it('[SENSE-9] a calibration of another chip or channel changes nothing', async () => {
    const calibration = { ina3221: { '3-0045.2.shuntOhm': 0.01, '3-0044.1.shuntOhm': 0.01 } };
    expect((await look({ files: ina(rail), calibration })).values).toEqual({ 'ina3221/VDD_5V': 5 });
  });

  it('[SENSE-4] channels that are off, not connected, without voltage, or the sum of others are no rails', async () => {
    const files = ina({
      ...{ name: 'ina3221', in1_label: 'VDD_A', in1_input: 5000, curr1_input: 10, in1_enable: 0 },
      ...{ in2_label: 'NC', in2_input: 5000, curr2_input: 10, in3_label: 'VDD_C', in3_input: 0, curr3_input: 10 },
      ...{ in4_label: 'VDD_D', in4_input: 5000, curr4_input: 10, in7_label: 'sum of shunt voltages', in7_input: 5 },
    });
    expect((await look({ files })).sources).toEqual([]);
  });

  it("[SENSE-5] a lone monitor is a rail of nobody knows what, until its owner says that it is the board's input", async () => {
    const files = ina({
      name: 'ina219',
      in1_input: 5000,
      curr1_input: 500,
      shunt_resistor: 100_000,
      power1_input: 2_500_000,
    });
    const unknown = await look({ files });
    expect(unknown.sources.map(({ sensor }) => [sensor.id, sensor.scope, sensor.total, sensor.resolution])).toEqual([
      ['ina2xx/3-0044', 'rail', undefined, 0.002],
    ]);
    await board.remove();
    const said = await look({ files, calibration: { ina2xx: { '3-0044.boardInput': 1 } } });
    expect(said.sources.map(({ sensor }) => [sensor.scope, sensor.total])).toEqual([['board-input', true]]);
  });

  it('[SENSE-4] an INA260 says 10 mW a step, an INA238 whatever its driver says', async () => {
    const own = await look({
      files: {
        ...ina({ name: 'ina260', in1_input: 5000, curr1_input: 500, power1_input: 2_500_000 }),
        ...under(
          'sys/class/hwmon/hwmon8',
          all(constructed, { name: 'ina238', in1_label: 'VIN', in1_input: 19_000, power1_input: 24_000_000 }),
        ),
      },
    });
    expect(
      own.sources.map(({ sensor: { id, scope, resolution, total } }) => ({ id, scope, resolution, total })),
    ).toEqual([
      { id: 'ina2xx/VIN', scope: 'module-input', resolution: undefined, total: true },
      { id: 'ina2xx/3-0044', scope: 'rail', resolution: 0.01, total: undefined },
    ]);
  });
});

describe('totals', () => {
  const sensor = (id: string, driver: Sensor['driver'], scope: Sensor['scope'], label?: string): Sensor => ({
    id,
    driver,
    quantity: driver === 'rapl' ? 'energy' : 'power',
    scope,
    kind: driver === 'rapl' ? 'counter' : 'sampled',
    ...(label && { label }),
  });
  const input = sensor('VDD_IN', 'ina3221', 'module-input', 'VDD_IN');
  const rails = [sensor('GPU', 'ina3221', 'rail', 'GPU'), sensor('CPU', 'ina3221', 'rail', 'CPU')];
  const rapl = [
    sensor('p', 'rapl', 'package'),
    sensor('c', 'rapl', 'core'),
    sensor('d', 'rapl', 'memory'),
    sensor('y', 'rapl', 'machine'),
  ];
  const supply = sensor('supply', 'ina2xx', 'board-input');
  const battery = sensor('BAT0', 'battery', 'battery');
  const gpu = sensor('gpu', 'nvidia-smi', 'gpu');

  it.each([
    ['an input rail contains the others', [...rails, input], ['VDD_IN']],
    ['without one, all rails are summed', rails, ['GPU', 'CPU']],
    ['package and memory, not cores, not psys', rapl, ['p', 'd']],
    ['what the whole board takes before its module', [input, ...rails, supply], ['supply']],
    ['a processor before a battery', [battery, ...rapl], ['p', 'd']],
    ['a battery alone', [battery, gpu], ['BAT0']],
    ['a GPU is never all', [gpu], []],
    ['an input seen twice counts once', [input, { ...input, id: 'again' }], ['VDD_IN']],
    ['nothing', [], []],
  ])('[SENSE-5] %s', (_what, sensors, totals) => {
    const chosen = chooseTotals(sensors);
    expect(chosen.filter(({ total }) => total).map(({ id }) => id)).toEqual(totals);
    expect(chosen.map(({ total: _, ...rest }) => rest)).toEqual(sensors);
  });
});

describe('Raspberry Pi', () => {
  const { files, tools } = boards['Raspberry Pi 5'];

  it("[SENSE-6] with this device's own line the board's input follows it, known to 2 %", async () => {
    const own = await look({ files, tools, calibration: { 'rpi-pmic': { slope: 1.2, intercept: 0.25 } } });
    expect(own.values['rpi-pmic/board']).toBeCloseTo(1.2 * 3.507049875 + 0.25, 8);
    expect(own.values['rpi-pmic/sum']).toBeCloseTo(3.507049875, 8);
    expect(sensorOf(own.sources, 'rpi-pmic/board')).toMatchObject({
      scope: 'board-input',
      label: '1.2 x sum of rails + 0.25 W',
      uncertainty: { gain: 0.02, offset: 0 },
    });
  });

  const histories: Array<[string, readonly number[], readonly string[]]> = [
    ['clean', [0, 0], []],
    ['under-voltage and throttled, now and before', [0x50005, 0x50005], ['under-voltage', 'throttled']],
    ['noted before the run, not now', [0x50000, 0x50000], []],
    ['came and went between two readings', [0x50000, 0x70000], ['frequency-capped']],
    ['seen once', [0, 0x80008, 0x80000], ['soft-temperature-limit']],
    ['nothing read', [], []],
  ];
  it.each(histories)('[SENSE-7] get_throttled: %s', (_what, bits, expected) => {
    expect(throttledDuring(bits)).toEqual(expected);
  });

  it.each([
    [
      'a mailbox that is not for this user',
      { 'dev/vcio': broken('forbidden') },
      {},
      'sudo usermod -aG video "$USER"  # then log in again',
    ],
    [
      'the refusal of the mailbox, with exit status 0',
      { 'dev/vcio': constructed('') },
      {
        'vcgencmd get_throttled': constructed('VCHI initialization failed') as { origin: 'constructed'; text: string },
      },
      'sudo usermod -aG video "$USER"  # then log in again',
    ],
    ['no mailbox', {}, {}, 'sudo modprobe vcio  # a container needs --device /dev/vcio'],
    ['no tool', { 'dev/vcio': linkTo('/dev/null') }, {}, 'sudo apt-get install raspi-utils'],
  ])('[SENSE-15] %s is a lack with its remedy', async (_what, more, answers, remedy) => {
    board = await buildBoard({
      files: { 'proc/device-tree/model': files['proc/device-tree/model']!, ...more },
      tools: answers,
    });
    const { sources, lacks } = await unprivileged(() => discoverSensors(board));
    expect([sources, lacks.map((lack) => lack.remedy)]).toEqual([[], [remedy]]);
  });
});

describe('RAPL', () => {
  it('[SENSE-8] a counter that started again went on by what was left of its range: 12.674528 J', async () => {
    const { files } = boards['x86 laptop'];
    const { sources } = await look({ files });
    const sensor = sensorOf(sources, 'rapl/package-0')!;
    expect(counterDifference(sensor, 262_143, 12.345678)).toBeCloseTo(12.674528, 6);
    expect(counterDifference(sensor, 10, 12.5)).toBe(2.5);
    expect(counterDifference({}, 10, 4)).toBe(-6);
  });

  it("[SENSE-15] energies that only root reads are a lack with the line that opens them to the user's group", async () => {
    board = await buildBoard({
      files: under('sys/class/powercap', {
        'intel-rapl:0/name': constructed('package-0'),
        'intel-rapl:0/energy_uj': broken('forbidden'),
        'intel-rapl:0:0/name': constructed('dram'),
        'intel-rapl:0:0/energy_uj': broken('forbidden'),
      }),
    });
    expect(await unprivileged(() => discoverSensors(board))).toEqual({
      sources: [],
      lacks: [
        {
          what: "only root reads the processor's energy (RAPL package-0, package-0/dram); whoever may can guess at what others compute (CVE-2020-8694)",
          remedy: raplRemedy,
        },
      ],
    });
    expect(raplRemedy).toMatch(
      /^printf .* \| sudo tee \/etc\/tmpfiles\.d\/.* && sudo systemd-tmpfiles --create [\w.-]+$/,
    );
  });

  it('[SENSE-2] [SENSE-5] counters that stay 0 are none, and the memory-mapped twin of a package counts alone only', async () => {
    const zone = (folder: string, uj: number): Tree =>
      under(
        `sys/class/powercap/${folder}`,
        all(constructed, { name: 'package-0', energy_uj: uj, max_energy_range_uj: 1_000_000 }),
      );
    const { values } = await look({ files: { ...zone('intel-rapl:0', 0), ...zone('intel-rapl-mmio:0', 5_000_000) } });
    expect(values).toEqual({});
    await board.remove();
    expect((await look({ files: zone('intel-rapl-mmio:0', 500_000) })).values).toEqual({ 'rapl/package-0': 0.5 });
  });
});

describe('what is there and cannot be read', () => {
  it('[SENSE-15] the debug folder of a Jetson', async () => {
    board = await buildBoard({
      files: {
        'proc/device-tree/compatible': { origin: 'constructed', text: 'nvidia,tegra234\0' },
        'sys/kernel/debug': broken('forbidden'),
      },
      tools: { 'nvpmodel -q': { origin: 'captured', text: 'NV Power Mode: MAXN\n0\n' } },
    });
    const { lacks } = await unprivileged(() => discoverSensors(board));
    expect(lacks).toEqual([
      {
        what: "the memory's clock (EMC) is in debugfs, which only root reads",
        remedy: 'sudo mount -o remount,mode=0750,gid=$(id -g) /sys/kernel/debug',
      },
    ]);
  });

  it('[SENSE-15] a monitor on the bus that no driver has, and an NVIDIA driver without its tool', async () => {
    const { sources, lacks } = await look({
      files: {
        'sys/bus/i2c/devices/1-0040/name': constructed('ina226'),
        'sys/bus/i2c/devices/1-0050/name': constructed('24c02'),
        'proc/driver/nvidia/version': constructed('NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15'),
      },
    });
    expect([sources, lacks]).toEqual([
      [],
      [
        { what: 'ina226 at 1-0040: no driver has it', remedy: 'sudo modprobe ina2xx' },
        {
          what: 'an NVIDIA driver is loaded and nvidia-smi does not answer',
          remedy: 'sudo apt-get install nvidia-utils',
        },
      ],
    ]);
  });

  it.each(['Charging', 'Full', 'Not charging', 'Unknown'])(
    '[SENSE-11] a battery that is %s gives no power and says why',
    async (status) => {
      const files = under(
        'sys/class/power_supply/BAT1',
        all(constructed, { type: 'Battery', status, power_now: 7_000_000 }),
      );
      const { sources, lacks } = await look({ files });
      expect([sources, lacks]).toEqual([
        [],
        [
          {
            what: 'battery BAT1 gives no power: it is not discharging',
            remedy: 'unplug the charger, start the agent again',
          },
        ],
      ]);
    },
  );
});

describe('clocks', () => {
  it('[SENSE-14] the difference of the cycles over a time is its mean clock: 1.275 GHz', async () => {
    const path = 'sys/devices/system/cpu/cpufreq/policy0/stats/time_in_state';
    const cycles = async (text: string): Promise<number> => {
      const { values } = await look({ files: { [path]: constructed(text) } });
      await board.remove();
      return values['cpufreq/policy0/cycles']!;
    };
    const before = await cycles('600000 100\n1500000 300');
    // 4 s later: 1 s at 600 MHz, 3 s at 1500 MHz.
    expect(((await cycles('600000 200\n1500000 600')) - before) / 4).toBe(1_275_000_000);
  });
});

describe('thermal zones', () => {
  it('[SENSE-13] carry the lowest of their passive trip points, and no other', async () => {
    const trips = {
      trip_point_0_type: 'critical',
      trip_point_0_temp: 105_000,
      trip_point_1_type: 'passive',
      trip_point_1_temp: 99_000,
    };
    const more = {
      trip_point_10_type: 'passive',
      trip_point_10_temp: 85_000,
      trip_point_2_type: 'passive',
      trip_point_2_temp: -274_000,
    };
    const { sources } = await look({
      files: {
        ...under(
          'sys/class/thermal/thermal_zone3',
          all(constructed, { type: 'soc-thermal', temp: 40_000, ...trips, ...more }),
        ),
        ...under(
          'sys/class/thermal/thermal_zone4',
          all(constructed, { type: 'acpitz', temp: 40_000, trip_point_0_type: 'critical' }),
        ),
      },
    });
    expect(sources.map(({ sensor }) => [sensor.id, sensor.limit])).toEqual([
      ['thermal-zone/acpitz', undefined],
      ['thermal-zone/soc-thermal', 85],
    ]);
  });
});
