import { DeviceFacts } from '@hilltop/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Checkup, checkSensors, checkupText, sensorLacks } from './doctor.js';
import { deviceType, surveyFacts } from './facts.js';
import { discoverSensors } from './sensors/index.js';
import { boards } from './sensors/testing/boards.js';
import { type BoardFixture, type BuiltBoard, buildBoard } from './sensors/testing/tree.js';

let board: BuiltBoard;
afterEach(() => board?.remove());

async function survey(fixture: BoardFixture) {
  board = await buildBoard(fixture);
  return surveyFacts(board, []);
}

describe('facts', () => {
  it.each([
    ['Jetson Nano', 'MAXN (0)', 'NVIDIA Jetson Nano Developer Kit/no runtime/MAXN (0)'],
    ['Jetson Xavier NX', 'MODE_15W_6CORE (2)', 'NVIDIA Jetson Xavier NX Developer Kit/no runtime/MODE_15W_6CORE (2)'],
    ['Jetson AGX Orin', undefined, 'Jetson AGX Orin Developer Kit/no runtime/default'],
  ] as const)('[SENSE-17] the power mode of a %s is %s', async (name, mode, type) => {
    const { facts } = await survey(boards[name]);
    expect([facts.powerMode, deviceType(facts)]).toEqual([mode, type]);
  });

  it('[SENSE-17] elsewhere it is the governor, also where something calls itself nvpmodel', async () => {
    const { facts } = await survey({
      ...boards['Raspberry Pi 4'],
      files: {
        ...boards['Raspberry Pi 4'].files,
        'sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': { origin: 'constructed', text: 'ondemand\n' },
      },
      tools: boards['Jetson Nano'].tools,
    });
    expect(facts.powerMode).toBe('ondemand');
  });

  it.each(Object.entries(boards))(
    '[SENSE-18] those of a %s carry its sensors over the wire',
    async (_name, fixture) => {
      const { facts } = await survey(fixture);
      expect(DeviceFacts.parse(JSON.parse(JSON.stringify(facts))).sensors).toEqual(
        fixture.expected.map(({ value: _, ...sensor }) => sensor),
      );
    },
  );
});

describe('doctor', () => {
  it('[SENSE-16] [PREP-2] shows each sensor with its value, scope and uncertainty', async () => {
    board = await buildBoard(boards['Jetson Xavier NX']);
    const found = await discoverSensors(board);
    const sensors = await checkSensors(found);
    expect(sensors.map(({ id, value }) => [id, Number(value!.toPrecision(12))])).toEqual(
      boards['Jetson Xavier NX'].expected.map(({ id, value }) => [id, value]),
    );
    const checkup: Checkup = {
      version: '0',
      type: 't',
      facts: { cpuFeatures: [], cores: 1, memoryBytes: 1, arch: 'arm64', os: 'x', runtimes: [], evidence: [] },
      caps: 'none',
      sensors: [...sensors, { ...found.sources[0]!.sensor, id: 'asleep' }],
      serialPorts: [],
      boards: [],
      meters: [],
      prepares: [],
      dataDir: { path: '/d', writable: true },
      memoryPeakReset: true,
      lacks: [],
    };
    const lines = checkupText(checkup).split('\n');
    expect(lines).toContain('Prepares      nothing: a run takes the machine as it is, unless --prepare allows more');
    expect(
      lines.filter((line) => /VDD_IN|VDD_SOC|load|GPU-therm|asleep/.test(line)).map((line) => line.replace(/ +/g, ' ')),
    ).toEqual([
      'Sensors ina3221/VDD_IN 5 W, module-input, total, u 0.64 % + 0.048 W',
      ' ina3221/VDD_SOC -0.039936 W, rail, u 0.64 % + 0.048 W',
      ' tegra-gpu/load 1 ratio, gpu',
      ' tegra-emc/load 0.5 ratio, memory',
      ' thermal-zone/GPU-therm 41.5 °C, gpu',
      ' asleep silent now, module-input, total, u 0.64 % + 0.048 W',
    ]);
  });

  it('[SENSE-16] says that nothing measures power, unless something only waits for a permission', async () => {
    board = await buildBoard(boards['x86 laptop']);
    const found = await discoverSensors(board);
    expect(sensorLacks(found)).toEqual([]);
    const lack = { what: 'not for this user', remedy: 'ask' };
    expect(sensorLacks({ sources: [], lacks: [lack] })).toEqual([lack]);
    const without = found.sources.filter(({ sensor }) => !sensor.total);
    expect(sensorLacks({ sources: without, lacks: [] }).map(({ what }) => what)).toEqual([
      'nothing on this machine measures its power: its runs have no energy',
    ]);
  });
});
