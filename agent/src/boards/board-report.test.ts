import { DeviceReport } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { boardReport } from './board-report.js';

const pico = {
  name: 'Raspberry Pi Pico',
  identity: { key: 'usb-2e8a-000a-e660', name: '/dev/ttyACM0' },
  facts: {
    cpu: 'Cortex-M0+',
    hz: 125_000_000,
    ticks: 'systick' as const,
    ramBytes: 200_000,
    driver: 'smp' as const,
    firmware: 'hilltop 0.1.0',
  },
};

describe('boardReport', () => {
  it('[MCU-11] says what the board is, never what the machine it hangs on is', () => {
    const report = DeviceReport.parse(
      boardReport(pico, { key: 'emulated-pico', emulated: true, labels: { site: 'x' } }),
    );
    expect(report).toMatchObject({
      key: 'emulated-pico',
      name: 'emulated Raspberry Pi Pico',
      kind: 'microcontroller',
      type: 'Raspberry Pi Pico/Cortex-M0+ 125 MHz/smp hilltop 0.1.0',
      emulated: true,
      labels: { site: 'x' },
      facts: {
        cores: 1,
        memoryBytes: 200_000,
        arch: 'thumbv6m',
        cpu: 'Cortex-M0+',
        evidence: ['ticks'],
        mcu: pico.facts,
      },
    });
    expect(report.health).toBeUndefined();
    const typed = boardReport({ ...pico, name: 'pico' }, { key: 'a', emulated: true, labels: {} });
    expect(typed.name).toBe('emulated-pico');
  });

  it('[MCU-11] a benchmark firmware has its profile and model, and no ticks', () => {
    const facts = {
      cpu: 'unknown',
      driver: 'mlperf-tiny' as const,
      firmware: 'ULPMark',
      profile: 'ULPMark',
      model: 'ic01',
    };
    const report = DeviceReport.parse(
      boardReport(
        { ...pico, name: '\u0007odd/name', facts },
        { key: 'a', emulated: false, labels: {}, sick: 'no answer' },
      ),
    );
    expect(report).toMatchObject({
      name: 'odd-name',
      facts: { arch: 'unknown', runtimes: [{ name: 'microcontroller' }], evidence: [], mcu: { model: 'ic01' } },
      health: { state: 'unhealthy', reason: 'no answer' },
    });
  });

  it.each([
    ['Cortex-M4', 'thumbv7em'],
    ['cortex-m7f', 'thumbv7em'],
    ['Cortex-M3', 'thumbv7m'],
    ['Cortex-M33', 'thumbv8m.main'],
    ['Cortex-M55', 'thumbv8m.main'],
    ['Cortex-M23', 'thumbv8m.base'],
    ['Cortex-M0', 'thumbv6m'],
    ['host', 'unknown'],
  ])('[MCU-11] %s is %s', (cpu, arch) => {
    const facts = { ...pico.facts, cpu };
    expect(boardReport({ ...pico, facts }, { key: 'a', emulated: false, labels: {} }).facts.arch).toBe(arch);
  });
});
