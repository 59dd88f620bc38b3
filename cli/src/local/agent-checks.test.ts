import { describe, expect, it } from '@jest/globals';
import { sampleDevice } from '../testing/samples.js';
import { checksOf } from './agent-checks.js';

const { facts } = sampleDevice();
const floor = { latencyP50Ms: 0.007, inferences: 1000, measuredAt: '2026-03-01T12:00:00Z' };
const runtimes = [{ name: 'onnxruntime', version: '1.30.0', providers: ['cpu'] }];
const levels = (said: unknown): string[] => checksOf(said).map((check) => `${check.what}: ${check.level}`);

describe('checksOf', () => {
  it('[CLI-13] what the agent lacks is a remark with its remedy', () => {
    const lack = { what: 'no PSI', remedy: 'boot with psi=1' };
    const said = {
      facts: { ...facts, runtimes },
      floor,
      caps: 'none',
      dataDir: { path: '/d', writable: true },
      lacks: [lack],
    };
    expect(levels(said)).toEqual([
      'runtime: ok',
      'floor: ok',
      'limits of a run: remark',
      'sensors: ok',
      'serial ports: ok',
      'evidence: ok',
      "agent's data: ok",
      'agent: remark',
    ]);
    expect(checksOf(said).at(-1)).toEqual({
      what: 'agent',
      level: 'remark',
      found: 'no PSI',
      remedy: 'boot with psi=1',
    });
  });

  it('[MCU-13] says who answers at which port; where somebody should and does not, that is a lack', () => {
    const boards = [
      { port: 'emulator:pico', board: { name: 'pico', cpu: 'cortex-m0plus', driver: 'smp', firmware: '1.0.0' } },
      { port: '/dev/ttyS0', why: 'not asked; name it to do so: --serial /dev/ttyS0' },
      { port: '/dev/ttyUSB0', why: 'no board answers', remedy: 'check wiring' },
    ];
    const lacks = [{ what: '/dev/ttyUSB0: no board answers', remedy: 'check wiring' }];
    const said = { facts, floor, dataDir: { path: '/d', writable: true }, boards, lacks };
    const found = checksOf(said).filter(({ what }) => what === 'board' || what === 'agent');
    expect(found.map(({ level, found: text }) => `${level} ${text}`)).toEqual([
      'ok emulator:pico: pico, cortex-m0plus, smp 1.0.0',
      'ok /dev/ttyS0: not asked; name it to do so: --serial /dev/ttyS0',
      'remark /dev/ttyUSB0: no board answers',
    ]);
  });

  it('[CLI-13] without a runtime, a floor or a place for data nothing runs', () => {
    expect(levels({ facts, dataDir: { path: '/d', writable: false } })).toEqual([
      'runtime: missing',
      'floor: missing',
      'limits of a run: ok',
      'sensors: ok',
      'serial ports: ok',
      'evidence: ok',
      "agent's data: missing",
    ]);
    expect(levels(undefined)).toEqual(['agent: missing']);
  });

  it('[SENSE-16] sensors of power are named with their value and what they contain, the others are counted', () => {
    const power = { driver: 'ina3221', quantity: 'power', kind: 'sampled' };
    const said = {
      facts,
      sensors: [
        { ...power, id: 'ina3221/VDD_IN', scope: 'module-input', total: true, value: 9.250304 },
        { ...power, id: 'ina3221/VDD_SOC', scope: 'rail' },
        { id: 'rapl/package-0', driver: 'rapl', quantity: 'energy', scope: 'package', kind: 'counter', value: 12 },
        {
          id: 'thermal-zone/tj',
          driver: 'thermal-zone',
          quantity: 'temperature',
          scope: 'package',
          kind: 'sampled',
          value: 45,
        },
        { id: 'what is no sensor' },
      ],
    };
    expect(checksOf(said).find(({ what }) => what === 'sensors')).toEqual({
      what: 'sensors',
      level: 'ok',
      found:
        'ina3221/VDD_IN 9.25 W (module-input, total); ina3221/VDD_SOC (rail); rapl/package-0 (package); 1 of temperature, clocks and states',
    });
  });
});
