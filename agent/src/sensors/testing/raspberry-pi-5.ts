import { all, type BoardFixture, captured, constructed, under } from './tree.js';

/** `vcgencmd pmic_read_adc` of a Raspberry Pi 5 with little to do: 3.50705 W over its rails. */
export const pmicOutput = `         3V7_WL_SW_A current(0)=0.12199130A
           3V3_SYS_A current(1)=0.15224510A
           1V8_SYS_A current(2)=0.17273960A
          DDR_VDD2_A current(3)=0.11613570A
          DDR_VDDQ_A current(4)=0.02941200A
           1V1_SYS_A current(5)=0.21763240A
            0V8_SW_A current(6)=0.50748360A
          VDD_CORE_A current(7)=1.54489000A
           3V3_DAC_A current(17)=0.00000000A
           3V3_ADC_A current(18)=0.00018315A
           0V8_AON_A current(16)=0.00390720A
              HDMI_A current(22)=0.01709400A
         3V7_WL_SW_V volt(8)=3.60605200V
           3V3_SYS_V volt(9)=3.31931300V
           1V8_SYS_V volt(10)=1.79682400V
          DDR_VDD2_V volt(11)=1.10842400V
          DDR_VDDQ_V volt(12)=0.60549390V
           1V1_SYS_V volt(13)=1.10219700V
            0V8_SW_V volt(14)=0.80146440V
          VDD_CORE_V volt(15)=0.88725180V
           3V3_DAC_V volt(20)=3.31501500V
           3V3_ADC_V volt(21)=3.31684600V
           0V8_AON_V volt(19)=0.79882700V
              HDMI_V volt(23)=4.90440000V
             EXT5V_V volt(24)=4.87894000V
              BATT_V volt(25)=2.50512600V
`;

const pmic = { driver: 'rpi-pmic', quantity: 'power', kind: 'sampled', updateMs: 100 } as const;

/** Raspberry Pi 5: its own converter, with the coefficients of another unit. */
export const raspberryPi5: BoardFixture = {
  files: {
    'proc/device-tree/model': { origin: 'constructed', text: 'Raspberry Pi 5 Model B Rev 1.0\0' },
    'dev/vcio': constructed(''),
    ...under('sys/class/hwmon/hwmon2', { name: captured('rpi_volt'), in0_lcrit_alarm: constructed(0) }),
    ...under('sys/class/hwmon/hwmon3', { name: captured('pwmfan'), fan1_input: constructed(3013) }),
    ...under('sys/class/thermal/thermal_zone0', all(constructed, { type: 'cpu-thermal', temp: 52_350 })),
    ...under('sys/class/thermal/cooling_device0', all(constructed, { type: 'pwm-fan', cur_state: 1, max_state: 4 })),
    'sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq': captured(2_400_000),
  },
  tools: {
    'vcgencmd get_throttled': { origin: 'captured', text: 'throttled=0x0\n' },
    'vcgencmd measure_clock arm': { origin: 'constructed', text: 'frequency(0)=2400033792\n' },
    'vcgencmd pmic_read_adc': { origin: 'captured', text: pmicOutput },
  },
  expected: [
    {
      ...pmic,
      id: 'rpi-pmic/board',
      scope: 'board-input',
      label: '1.1451 x sum of rails + 0.5879 W',
      uncertainty: {
        gain: 0.1,
        offset: 0,
        source: 'fit of another unit (jfikar/RPi5-power), 10 % until this device is calibrated',
      },
      total: true,
      value: 4.60382,
    },
    { ...pmic, id: 'rpi-pmic/sum', scope: 'board-regulated-partial', label: 'sum of rails', value: 3.50705 },
    { ...pmic, id: 'rpi-pmic/VDD_CORE', scope: 'rail', label: 'VDD_CORE', value: 1.37071 },
    { ...pmic, id: 'rpi-pmic/DDR', scope: 'memory', label: 'DDR_VDD2 + DDR_VDDQ', value: 0.14654 },
    { ...pmic, id: 'rpi-pmic/EXT5V', quantity: 'voltage', scope: 'board-input', label: 'EXT5V', value: 4.87894 },
    {
      id: 'rpi-throttled/bits',
      driver: 'rpi-throttled',
      quantity: 'state',
      scope: 'machine',
      label: 'get_throttled',
      kind: 'sampled',
      updateMs: 500,
      value: 0,
    },
    {
      id: 'rpi-throttled/under-voltage',
      driver: 'rpi-throttled',
      quantity: 'state',
      scope: 'machine',
      label: 'rpi_volt in0_lcrit_alarm',
      kind: 'sampled',
      value: 0,
    },
    {
      id: 'rpi-clock/arm',
      driver: 'rpi-clock',
      quantity: 'frequency',
      scope: 'core',
      label: 'measure_clock arm',
      kind: 'sampled',
      updateMs: 500,
      value: 2_400_033_792,
    },
    {
      id: 'thermal-zone/cpu-thermal',
      driver: 'thermal-zone',
      quantity: 'temperature',
      scope: 'package',
      label: 'cpu-thermal',
      kind: 'sampled',
      value: 52.35,
    },
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
    {
      id: 'cpufreq/policy0',
      driver: 'cpufreq',
      quantity: 'frequency',
      scope: 'core',
      kind: 'sampled',
      resolution: 1000,
      value: 2_400_000_000,
    },
  ],
  lacks: [],
};
