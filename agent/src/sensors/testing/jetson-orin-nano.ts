import { all, type BoardFixture, broken, captured, constructed, linkTo, under } from './tree.js';

const source = 'data sheet of the INA3221 (SBOS576), shunt 1 % assumed';
const rail = { driver: 'ina3221', quantity: 'power', kind: 'sampled', updateMs: 6.6 } as const;
const count = { driver: 'soctherm', quantity: 'count', scope: 'module-input', kind: 'counter' } as const;
const zone = { driver: 'thermal-zone', quantity: 'temperature', scope: 'package', kind: 'sampled' } as const;

/** Jetson Orin Nano, JetPack 6: VDD_IN as captured, 4984 mV x 1856 mA = 9.2503 W; some zones are offline, debugfs is not there. */
export const jetsonOrinNano: BoardFixture = {
  files: {
    'proc/device-tree/model': {
      origin: 'constructed',
      text: 'NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super\0',
    },
    'proc/device-tree/compatible': { origin: 'captured', text: 'nvidia,p3768-0000+p3767-0005\0nvidia,tegra234\0' },
    ...under('sys/class/hwmon/hwmon1', {
      name: captured('ina3221'),
      device: linkTo('../../../1-0040'),
      ...all(captured, { in1_label: 'VDD_IN', in2_label: 'VDD_CPU_GPU_CV', in3_label: 'VDD_SOC' }),
      ...all(captured, { in1_input: 4984, curr1_input: 1856, curr1_max: 7784, curr1_crit_alarm: 0 }),
      ...all(captured, { in7_label: 'sum of shunt voltages', shunt1_resistor: 5000, shunt2_resistor: 5000 }),
      ...all(constructed, { in2_input: 4984, curr2_input: 112, in3_input: 4984, curr3_input: 216, in7_input: 7 }),
      shunt3_resistor: captured(5000),
    }),
    ...under('sys/class/hwmon/hwmon3', {
      name: captured('soctherm_oc'),
      device: linkTo('../../../soctherm-oc-event'),
      ...all(constructed, { oc1_event_cnt: 0, oc2_event_cnt: 0, oc3_event_cnt: 17, oc3_throt_en: 1 }),
    }),
    ...under('sys/class/devfreq/17000000.gpu', {
      'device/of_node/name': { origin: 'captured', text: 'ga10b\0' },
      'device/load': constructed(0),
      cur_freq: constructed(306_000_000),
    }),
    ...under('sys/class/thermal', {
      ...under('thermal_zone0', all(constructed, { type: 'cpu-thermal', temp: 45_281, trip_point_0_type: 'passive' })),
      'thermal_zone0/trip_point_0_temp': constructed(99_000),
      ...under('thermal_zone1', { type: constructed('gpu-thermal'), temp: broken('directory') }),
      ...under('thermal_zone2', { type: constructed('cv0-thermal'), temp: constructed('') }),
      ...under('thermal_zone8', all(constructed, { type: 'tj-thermal', temp: 45_281 })),
      ...under('cooling_device0', all(constructed, { type: 'pwm-fan', cur_state: 1, max_state: 4 })),
      ...under('cooling_device1', all(constructed, { type: 'devfreq-17000000.gpu', cur_state: 'N/A', max_state: 3 })),
    }),
  },
  tools: {
    'nvpmodel -q': { origin: 'constructed', text: 'NV Power Mode: MAXN_SUPER\n2\n' },
    // There, and no sensor: it must not be asked.
    'nvidia-smi --query-gpu=index,power.draw,temperature.gpu,clocks.sm,clocks_throttle_reasons.active --format=csv,noheader,nounits':
      { origin: 'constructed', text: '0, [N/A], [N/A], [N/A], [N/A]\n' },
  },
  expected: [
    {
      ...rail,
      id: 'ina3221/VDD_IN',
      scope: 'module-input',
      label: 'VDD_IN',
      resolution: 0.03987,
      uncertainty: { gain: 0.006398, offset: 0.04746, source },
      total: true,
      value: 9.250304,
    },
    {
      ...rail,
      id: 'ina3221/VDD_CPU_GPU_CV',
      scope: 'rail',
      label: 'VDD_CPU_GPU_CV',
      resolution: 0.03987,
      uncertainty: { gain: 0.006398, offset: 0.04746, source },
      value: 0.558208,
    },
    {
      ...rail,
      id: 'ina3221/VDD_SOC',
      scope: 'rail',
      label: 'VDD_SOC',
      resolution: 0.03987,
      uncertainty: { gain: 0.006398, offset: 0.04746, source },
      value: 1.076544,
    },
    { ...count, id: 'soctherm/oc1', label: 'under-voltage', value: 0 },
    { ...count, id: 'soctherm/oc2', label: 'average over-current', value: 0 },
    { ...count, id: 'soctherm/oc3', label: 'instantaneous over-current', value: 17 },
    {
      id: 'tegra-gpu/load',
      driver: 'tegra-gpu',
      quantity: 'load',
      scope: 'gpu',
      label: '17000000.gpu',
      kind: 'sampled',
      resolution: 0.001,
      value: 0,
    },
    {
      id: 'tegra-gpu/frequency',
      driver: 'tegra-gpu',
      quantity: 'frequency',
      scope: 'gpu',
      label: '17000000.gpu',
      kind: 'sampled',
      value: 306_000_000,
    },
    {
      id: 'nvpmodel/mode',
      driver: 'nvpmodel',
      quantity: 'state',
      scope: 'machine',
      label: 'MAXN_SUPER',
      kind: 'sampled',
      updateMs: 10_000,
      value: 2,
    },
    { ...zone, id: 'thermal-zone/cpu-thermal', label: 'cpu-thermal', limit: 99, value: 45.281 },
    { ...zone, id: 'thermal-zone/tj-thermal', label: 'tj-thermal', value: 45.281 },
    {
      id: 'cooling-device/pwm-fan',
      driver: 'cooling-device',
      quantity: 'state',
      scope: 'machine',
      label: 'pwm-fan',
      kind: 'sampled',
      resolution: 1,
      value: 1,
    },
  ],
  lacks: [],
};
