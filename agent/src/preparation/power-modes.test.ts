import { afterEach, describe, expect, it } from '@jest/globals';
import { checkPreparation } from './check-preparation.js';
import { parseNvpmodelConf, powerModes } from './power-modes.js';
import { governorFile, SettableMachine } from './testing/settable-machine.js';

const signal = new AbortController().signal;
const machines: SettableMachine[] = [];
const machineOf = (settings: { readonly jetson?: boolean } = {}): SettableMachine => {
  const machine = new SettableMachine(settings);
  machines.push(machine);
  if (settings.jetson) machine.write('etc/nvpmodel.conf', conf);
  return machine;
};
afterEach(() => {
  for (const machine of machines.splice(0)) machine.remove();
});

/** Constructed after the header of NVIDIA's own. */
const conf = `# POWER_MODEL DEFINITIONS
< PARAM TYPE=FILE NAME=CPU_ONLINE >
CORE_0 /sys/devices/system/cpu/cpu0/online
< POWER_MODEL ID=0 NAME=MAXN >
CPU_ONLINE CORE_0 1
< POWER_MODEL ID=1 NAME=15W >
CPU_ONLINE CORE_0 1
< PM_CONFIG DEFAULT=1 >`;
const begin = (machine: SettableMachine, mode: string, wanted = {}) =>
  machine.preparation({ modes: true, ...wanted }).begin(signal, undefined, mode);
const refused = expect.objectContaining({ code: 'runtime.setting-unsupported' });

describe('power modes that runs choose', () => {
  it('[PREP-16] are the governors that all cores have, and on a Jetson its power modes by name', () => {
    const machine = machineOf();
    expect([...powerModes(machine.root).keys()]).toEqual(['ondemand', 'schedutil', 'performance']);
    machine.write(`${governorFile(4).replace('scaling_governor', 'scaling_available_governors')}`, 'performance');
    expect([...powerModes(machine.root)]).toEqual([['performance', { governor: 'performance' }]]);
    const jetson = machineOf({ jetson: true });
    expect([...powerModes(jetson.root)]).toEqual([
      ['MAXN', { powerMode: 0 }],
      ['15W', { powerMode: 1 }],
    ]);
    expect(parseNvpmodelConf(undefined)).toEqual([]);
    expect([machine.preparation({}).modes, machine.preparation({ modes: true }).modes]).toEqual([[], ['performance']]);
  });

  it('[PREP-17] a chosen one stands in for the operator’s, is told, and set back after the run', async () => {
    const machine = machineOf();
    const before = machine.state();
    const preparation = machine.preparation({ modes: true, governor: 'performance', fan: 255 });
    expect(await preparation.begin(signal, undefined, 'schedutil')).toEqual(['governor=schedutil', 'fan=255']);
    expect(machine.read(governorFile(4))).toBe('schedutil');
    await preparation.end();
    expect(machine.state()).toEqual(before);
    expect(await begin(machine, 'ondemand')).toEqual(['governor=ondemand']);
    const jetson = machineOf({ jetson: true });
    const asItWas = jetson.state();
    const own = jetson.preparation({ modes: true });
    expect(await own.begin(signal, undefined, '15W')).toEqual(['power-mode=1']);
    expect(jetson.read('mode')).toBe('1');
    await own.end();
    expect(jetson.state()).toEqual(asItWas);
    expect([machine.warnings, jetson.warnings]).toEqual([[], []]);
  });

  it('[PREP-18] one that is not allowed, not there, or cannot be set fails the run, and the machine is as it was', async () => {
    const machine = machineOf();
    const before = machine.state();
    await expect(begin(machine, 'performance', { modes: undefined })).rejects.toThrow(refused);
    await expect(begin(machine, 'MAXN')).rejects.toThrow(refused);
    machine.closed.add(governorFile(4));
    const preparation = machine.preparation({ modes: true });
    await expect(preparation.begin(signal, undefined, 'performance')).rejects.toThrow(refused);
    await preparation.end();
    expect(machine.state()).toEqual(before);
    expect(machine.recorded).toBe(false);
    const jetson = machineOf({ jetson: true });
    jetson.modeFailures = 1;
    await expect(begin(jetson, '15W')).rejects.toThrow(refused);
    expect(jetson.read('mode')).toBe('0');
  });

  it('[PREP-16] the doctor says where none can be chosen, and which file stands in the way', async () => {
    const none = machineOf();
    const ports = { root: `${none.root}/nothing-here`, run: async () => undefined };
    expect(await checkPreparation({ modes: true }, ports)).toEqual({
      possible: [],
      lacks: [{ what: expect.stringContaining('no power modes'), remedy: expect.any(String) }],
    });
    const open = await checkPreparation({ modes: true }, { ...ports, root: none.root });
    expect(open).toEqual({ possible: ['modes'], lacks: [] });
  });
});
