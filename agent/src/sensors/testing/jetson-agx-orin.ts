import { all, type BoardFixture, captured, constructed, linkTo, under } from './tree.js';

const source = 'data sheet of the INA3221 (SBOS576), shunt 1 % assumed';
const rail = {
  driver: 'ina3221',
  quantity: 'power',
  scope: 'rail',
  kind: 'sampled',
  updateMs: 128,
  total: true,
} as const;
const zone = { driver: 'thermal-zone', quantity: 'temperature', kind: 'sampled' } as const;

/** Jetson AGX Orin: two chips, no input rail: the total is the sum of four. Temperatures of a captured tegrastats line; the chips' numbers swapped. */
export const jetsonAgxOrin: BoardFixture = {
  files: {
    'proc/device-tree/model': { origin: 'constructed', text: 'Jetson AGX Orin Developer Kit\0' },
    'proc/device-tree/compatible': { origin: 'constructed', text: 'nvidia,p3737-0000+p3701-0005\0nvidia,tegra234\0' },
    // 0x41 came up first.
    ...under('sys/class/hwmon/hwmon2', {
      name: captured('ina3221'),
      device: linkTo('../../../1-0041'),
      ...all(captured, { in1_label: 'NC', in2_label: 'VDDQ_VDD2_1V8AO', in3_label: 'NC', shunt2_resistor: 2000 }),
      ...all(constructed, { in1_input: 5000, curr1_input: 8, in2_input: 5456, curr2_input: 200, in3_input: 16 }),
      ...all(constructed, { curr3_input: 0, update_interval: 128 }),
    }),
    ...under('sys/class/hwmon/hwmon10', {
      name: captured('ina3221'),
      device: linkTo('../../../1-0040'),
      ...all(captured, { in1_label: 'VDD_GPU_SOC', in2_label: 'VDD_CPU_CV', in3_label: 'VIN_SYS_5V0' }),
      ...all(captured, { in7_label: 'sum of shunt voltages', shunt3_resistor: 2000 }),
      ...all(constructed, { in1_input: 20_000, curr1_input: 160, in2_input: 20_000, curr2_input: 720 }),
      ...all(constructed, { in3_input: 5000, curr3_input: 1000, shunt1_resistor: 2000, shunt2_resistor: 2000 }),
      ...all(constructed, { update_interval: 128 }),
    }),
    ...under('sys/class/thermal', {
      ...under('thermal_zone0', { type: constructed('cpu-thermal'), temp: captured(77_281) }),
      ...under('thermal_zone1', { type: constructed('tboard'), temp: captured(62_000) }),
      ...under('thermal_zone9', { type: constructed('tj'), temp: captured(77_281) }),
      ...under('thermal_zone10', { type: constructed('PMIC-Die'), temp: captured(100_000) }),
    }),
  },
  tools: {},
  expected: [
    {
      ...rail,
      id: 'ina3221/VDD_GPU_SOC',
      label: 'VDD_GPU_SOC',
      resolution: 0.4,
      uncertainty: { gain: 0.006141, offset: 0.4761, source },
      value: 3.2,
    },
    {
      ...rail,
      id: 'ina3221/VDD_CPU_CV',
      label: 'VDD_CPU_CV',
      resolution: 0.4,
      uncertainty: { gain: 0.006141, offset: 0.4761, source },
      value: 14.4,
    },
    {
      ...rail,
      id: 'ina3221/VIN_SYS_5V0',
      label: 'VIN_SYS_5V0',
      resolution: 0.1,
      uncertainty: { gain: 0.006396, offset: 0.119, source },
      value: 5,
    },
    {
      ...rail,
      id: 'ina3221/VDDQ_VDD2_1V8AO',
      label: 'VDDQ_VDD2_1V8AO',
      resolution: 0.1091,
      uncertainty: { gain: 0.006353, offset: 0.1299, source },
      value: 1.0912,
    },
    { ...zone, id: 'thermal-zone/cpu-thermal', scope: 'package', label: 'cpu-thermal', value: 77.281 },
    { ...zone, id: 'thermal-zone/tboard', scope: 'machine', label: 'tboard', value: 62 },
    { ...zone, id: 'thermal-zone/tj', scope: 'package', label: 'tj', value: 77.281 },
  ],
  lacks: [
    {
      what: 'nvpmodel does not answer: the power mode is not known',
      remedy: 'sudo apt-get install nvidia-l4t-nvpmodel',
    },
  ],
};
