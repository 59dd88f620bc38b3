import { all, type BoardFixture, captured, constructed, linkTo, under } from './tree.js';

const domain = { driver: 'rapl', quantity: 'energy', kind: 'counter', resolution: 2 ** -14, updateMs: 0.976 } as const;
const gpu = { driver: 'nvidia-smi', scope: 'gpu', kind: 'sampled', updateMs: 1000 } as const;
const powercap = (folder: string, name: string, uj: number, range: number) =>
  under(`sys/class/powercap/${folder}`, all(constructed, { name, energy_uj: uj, max_energy_range_uj: range }));

/** A server with two sockets and their memory in RAPL, one NVIDIA and one AMD GPU, sixteen policies. */
export const machineRoomServer: BoardFixture = {
  files: {
    ...powercap('intel-rapl:0', 'package-0', 100_000_000, 262_143_328_850),
    ...powercap('intel-rapl:0:0', 'dram', 20_000_000, 65_712_999_613),
    // The kernel numbers the second socket's zones as it likes.
    ...powercap('intel-rapl:1', 'package-1', 300_000_000, 262_143_328_850),
    ...powercap('intel-rapl:1:0', 'dram', 40_000_000, 65_712_999_613),
    ...under('sys/class/hwmon/hwmon0', {
      name: captured('amdgpu'),
      device: linkTo('../../../0000:83:00.0'),
      ...all(constructed, { power1_average: 38_000_000, temp1_input: 51_000, temp1_label: 'edge' }),
    }),
    ...Object.assign(
      {},
      ...Array.from({ length: 16 }, (_, i) => ({
        [`sys/devices/system/cpu/cpufreq/policy${i}/scaling_cur_freq`]: constructed(800_000 + 100_000 * i),
        [`sys/devices/system/cpu/cpu${i}/topology/physical_package_id`]: constructed(i < 8 ? 0 : 1),
        [`sys/devices/system/cpu/cpu${i}/thermal_throttle/core_throttle_count`]: constructed(0),
        [`sys/devices/system/cpu/cpu${i}/thermal_throttle/package_throttle_count`]: constructed(i < 8 ? 5 : 6),
      })),
    ),
  },
  tools: {
    'nvidia-smi --query-gpu=index,power.draw,temperature.gpu,clocks.sm,clocks_throttle_reasons.active --format=csv,noheader,nounits':
      { origin: 'constructed', text: '0, 25.31, 41, 1410, 0x0000000000000004\n1, [N/A], 39, [Not Supported], [N/A]\n' },
  },
  expected: [
    {
      ...domain,
      id: 'rapl/package-0',
      scope: 'package',
      label: 'package-0',
      wrapsAt: 262_143.32885,
      total: true,
      value: 100,
    },
    {
      ...domain,
      id: 'rapl/package-0/dram',
      scope: 'memory',
      label: 'dram',
      wrapsAt: 65_712.999613,
      total: true,
      value: 20,
    },
    {
      ...domain,
      id: 'rapl/package-1',
      scope: 'package',
      label: 'package-1',
      wrapsAt: 262_143.32885,
      total: true,
      value: 300,
    },
    {
      ...domain,
      id: 'rapl/package-1/dram',
      scope: 'memory',
      label: 'dram',
      wrapsAt: 65_712.999613,
      total: true,
      value: 40,
    },
    {
      id: 'hwmon-gpu/amdgpu@0000:83:00.0/power',
      driver: 'hwmon-gpu',
      quantity: 'power',
      scope: 'gpu',
      label: 'amdgpu',
      kind: 'sampled',
      value: 38,
    },
    {
      id: 'hwmon-gpu/amdgpu@0000:83:00.0/temperature',
      driver: 'hwmon-gpu',
      quantity: 'temperature',
      scope: 'gpu',
      label: 'amdgpu',
      kind: 'sampled',
      value: 51,
    },
    { ...gpu, id: 'nvidia-smi/0/power', quantity: 'power', resolution: 0.01, value: 25.31 },
    { ...gpu, id: 'nvidia-smi/0/temperature', quantity: 'temperature', resolution: 1, value: 41 },
    { ...gpu, id: 'nvidia-smi/0/clock', quantity: 'frequency', resolution: 1e6, value: 1_410_000_000 },
    { ...gpu, id: 'nvidia-smi/0/throttle', quantity: 'state', label: 'clocks_throttle_reasons.active', value: 4 },
    { ...gpu, id: 'nvidia-smi/1/temperature', quantity: 'temperature', resolution: 1, value: 39 },
    {
      id: 'cpufreq/highest',
      driver: 'cpufreq',
      quantity: 'frequency',
      scope: 'core',
      label: 'highest of 16 policies',
      kind: 'sampled',
      updateMs: 1000,
      value: 2_300_000_000,
    },
    {
      id: 'thermal-throttle/core',
      driver: 'thermal-throttle',
      quantity: 'count',
      scope: 'core',
      kind: 'counter',
      updateMs: 1000,
      value: 0,
    },
    {
      id: 'thermal-throttle/package',
      driver: 'thermal-throttle',
      quantity: 'count',
      scope: 'package',
      kind: 'counter',
      updateMs: 1000,
      value: 11,
    },
  ],
  lacks: [],
};
