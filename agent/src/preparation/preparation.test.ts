import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { governorFile, pwm, SettableMachine, zone } from './testing/settable-machine.js';
import type { Wanted } from './wanted.js';

const signal = new AbortController().signal;
const machines: SettableMachine[] = [];
const machineOf = (...settings: ConstructorParameters<typeof SettableMachine>): SettableMachine => {
  const machine = new SettableMachine(...settings);
  machines.push(machine);
  return machine;
};
afterEach(() => {
  for (const machine of machines.splice(0)) machine.remove();
});

describe('Preparation', () => {
  it('[PREP-2] nothing is changed unless the operator allowed it', async () => {
    const machine = machineOf({ jetson: true });
    const before = machine.state();
    const preparation = machine.preparation({});
    expect(await preparation.begin(signal)).toEqual([]);
    expect(machine.state()).toEqual(before);
    expect(machine.changes).toEqual([]);
    expect(machine.recorded).toBe(false);
    await preparation.end();
    expect(machine.changes).toEqual([]);
  });

  it('[PREP-3] what was done is told, and set back after the run in the opposite order', async () => {
    const machine = machineOf();
    const before = machine.state();
    const preparation = machine.preparation({ governor: 'performance', fan: 255 });
    expect(await preparation.begin(signal)).toEqual(['governor=performance', 'fan=255']);
    expect(machine.state()).toEqual({
      mode: undefined,
      [governorFile(0)]: 'performance',
      [governorFile(4)]: 'performance',
      [pwm]: '255',
      [`${pwm}_enable`]: '1',
    });
    const made = machine.changes.splice(0).map((change) => change.split('=')[0]);
    await preparation.end();
    expect(machine.state()).toEqual(before);
    expect(machine.changes.map((change) => change.split('=')[0])).toEqual(made.toReversed());
    expect(machine.recorded).toBe(false);
    expect(machine.warnings).toEqual([]);
  });

  it('[PREP-4] how it was is on disk before the first change', async () => {
    const machine = machineOf();
    machine.killAt(1, 'before');
    await machine.preparation({ governor: 'performance' }).begin(signal);
    expect(machine.bury()).toBe(true);
    expect(JSON.parse(readFileSync(machine.recordPath, 'utf8'))).toEqual({
      bootId: 'first-boot',
      files: [0, 4].map((policy) => ({ path: governorFile(policy), before: 'ondemand' })),
    });
    expect(machine.read(governorFile(0))).toBe('ondemand');
  });

  it('[PREP-4] where it cannot be kept, nothing is changed', async () => {
    const machine = machineOf({ jetson: true });
    const before = machine.state();
    mkdirSync(`${machine.recordPath}.new`);
    const preparation = machine.preparation({ governor: 'performance', powerMode: 1, affinity: '0' });
    expect(await preparation.begin(signal)).toEqual(['affinity=0']);
    expect(machine.state()).toEqual(before);
    expect(machine.warnings.filter((text) => text.includes('cannot be kept'))).toHaveLength(2);
    await preparation.end();
    expect(machine.changes).toEqual([]);
  });

  it('[PREP-5] the power mode comes first both ways, and governors come back as they were under it', async () => {
    const machine = machineOf({ jetson: true });
    machine.write(governorFile(0), 'performance');
    const before = machine.state();
    const preparation = machine.preparation({ powerMode: 1, governor: 'performance' });
    expect(await preparation.begin(signal)).toEqual(['power-mode=1', 'governor=performance']);
    expect(machine.state()).toMatchObject({
      mode: '1',
      [governorFile(0)]: 'performance',
      [governorFile(4)]: undefined,
    });
    expect(machine.changes[0]).toBe('mode=1');
    machine.changes.splice(0);
    await preparation.end();
    expect(machine.state()).toEqual(before);
    expect(machine.changes[0]).toBe('mode=0');
  });

  it('[PREP-6] wanted and impossible is a warning; the run goes on without it', async () => {
    const machine = machineOf();
    for (const path of [governorFile(4), 'mode']) machine.closed.add(path);
    const before = machine.state();
    const preparation = machine.preparation({ governor: 'performance', fan: 200, powerMode: 1 });
    expect(await preparation.begin(signal)).toEqual(['fan=200']);
    // All cores or none.
    expect(machine.read(governorFile(0))).toBe('ondemand');
    expect(machine.warnings).toEqual([
      expect.stringContaining('power-mode=1: this machine has no nvpmodel'),
      expect.stringContaining(`/${governorFile(4)} could not be set from ondemand to performance`),
    ]);
    await preparation.end();
    expect(machine.state()).toEqual(before);
    expect(machine.recorded).toBe(false);
  });

  it('[PREP-7] what cannot be set back stays on disk, and is tried again', async () => {
    const machine = machineOf();
    const before = machine.state();
    const preparation = machine.preparation({ governor: 'performance' });
    await preparation.begin(signal);
    machine.closed.add(governorFile(0));
    await preparation.end();
    expect(machine.warnings).toEqual([`/${governorFile(0)} could not be set back to ondemand`]);
    expect(machine.state()).toEqual({ ...before, [governorFile(0)]: 'performance' });
    machine.closed.clear();
    await machine.preparation({}).restore();
    expect(machine.state()).toEqual(before);
    expect(machine.recorded).toBe(false);
  });

  it('[PREP-7] a first original outlives a second run', async () => {
    const machine = machineOf();
    const before = machine.state();
    const preparation = machine.preparation({ governor: 'performance' });
    await preparation.begin(signal);
    machine.closed.add(governorFile(0));
    await preparation.end();
    await preparation.begin(signal);
    machine.closed.clear();
    await preparation.end();
    expect(machine.state()).toEqual(before);
  });

  it('[PREP-7] so does a first power mode', async () => {
    const machine = machineOf({ jetson: true });
    const before = machine.state();
    const preparation = machine.preparation({ powerMode: 1 });
    await preparation.begin(signal);
    machine.modeFailures = 2;
    await preparation.end();
    const other = machine.preparation({ powerMode: 0 });
    expect(await other.begin(signal)).toEqual(['power-mode=0']);
    await other.end();
    expect(machine.state()).toEqual(before);
    expect(machine.recorded).toBe(false);
    expect(machine.warnings).toEqual(Array.from({ length: 2 }, () => 'the power mode could not be set back to 0'));
  });

  it('[PREP-8] files are left alone after a restart of the machine, the power mode is not', async () => {
    const machine = machineOf({ jetson: true });
    await machine.preparation({ powerMode: 1, fan: 255 }).begin(signal);
    machine.write('proc/sys/kernel/random/boot_id', 'second-boot');
    machine.write(pwm, '10');
    machine.write(`${pwm}_enable`, '3');
    await machine.preparation({}).restore();
    expect(machine.state()).toMatchObject({ mode: '0', [pwm]: '10', [`${pwm}_enable`]: '3' });
    expect(machine.recorded).toBe(false);
  });

  it('[PREP-8] a mode that is still to be set back does not hide what is changed after the restart', async () => {
    const machine = machineOf({ jetson: true });
    const before = machine.state();
    await machine.preparation({ powerMode: 1 }).begin(signal);
    machine.write('proc/sys/kernel/random/boot_id', 'second-boot');
    machine.modeFailures = 1;
    await machine.preparation({ fan: 255 }).begin(signal);
    expect(machine.read(pwm)).toBe('255');
    await machine.preparation({}).restore();
    expect(machine.state()).toMatchObject({ mode: '0', [pwm]: before[pwm], [`${pwm}_enable`]: '2' });
  });

  it('[PREP-9] a record that cannot be understood is put aside and told', async () => {
    const machine = machineOf();
    writeFileSync(machine.recordPath, '{"files":[{"pa');
    const before = machine.state();
    await machine.preparation({ governor: 'performance' }).restore();
    expect(machine.state()).toEqual(before);
    expect(machine.warnings).toEqual([expect.stringContaining(`${machine.recordPath}.damaged`)]);
    expect(machine.recorded).toBe(false);
  });

  it('[PREP-10] waits until the device is as cool as it is known to get', async () => {
    const machine = machineOf({ celsius: 41 });
    const preparation = machine.preparation({ coolDown: true });
    let coolings = 0;
    expect(await preparation.begin(signal, () => coolings++)).toEqual(['cool-down=41.0C']);
    expect(coolings).toBe(0);
    let celsius = 60;
    const cooling = machine.preparation({ coolDown: true });
    await cooling.begin(signal);
    machine.write(zone, '60000');
    const began = machine.now;
    const done = cooling.begin(signal, () => {
      coolings++;
      // From here on it loses 1 K a second of the machine's own time.
      Object.defineProperty(machine, 'now', {
        get: () => began,
        set: () => machine.write(zone, String(--celsius * 1000)),
      });
    });
    expect(await done).toEqual(['cool-down=43.0C']);
    expect(coolings).toBe(1);
  });

  it('[PREP-10] a cool-down ends with its run', async () => {
    const machine = machineOf({ celsius: 40 });
    const preparation = machine.preparation({ coolDown: true, governor: 'performance' });
    await preparation.begin(signal);
    machine.write(zone, '70000');
    const stop = new AbortController();
    await expect(preparation.begin(stop.signal, () => stop.abort(new Error('cancelled')))).rejects.toThrow('cancelled');
    await preparation.end();
    expect(machine.read(governorFile(0))).toBe('ondemand');
  });

  it('[PREP-11] something else that sets the fan during the run is told', async () => {
    const machine = machineOf();
    const preparation = machine.preparation({ fan: 255 });
    await preparation.begin(signal);
    machine.write(pwm, '90');
    await preparation.end();
    expect(machine.warnings).toEqual([`/${pwm} did not stay 255 during the run: something else sets it too`]);
  });

  it('[PREP-12] whatever is begun, killed and ended in between, it ends as it was', async () => {
    const wanted = fc.record(
      {
        powerMode: fc.constantFrom(0, 1),
        governor: fc.constantFrom('performance', 'ondemand', 'schedutil'),
        fan: fc.constantFrom(0, 80, 255),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Wanted>;
    const step = fc.record({
      wanted,
      act: fc.constantFrom('run', 'begin', 'restore'),
      kill: fc.option(fc.record({ at: fc.integer({ min: 1, max: 9 }), when: fc.constantFrom('before', 'after') }), {
        nil: undefined,
      }),
    });
    let kills = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('ondemand', 'performance'),
        fc.array(step, { maxLength: 5 }),
        async (governor, steps) => {
          const machine = new SettableMachine({ jetson: true });
          try {
            machine.write(governorFile(0), governor);
            const before = machine.state();
            for (const { wanted, act, kill } of steps) {
              if (kill) machine.killAt(kill.at, kill.when as 'before' | 'after');
              const preparation = machine.preparation(wanted);
              if (act === 'restore') await preparation.restore();
              else {
                await preparation.begin(signal);
                if (act === 'run') await preparation.end();
              }
              if (machine.bury()) kills++;
            }
            await machine.preparation({}).restore();
            expect(machine.state()).toEqual(before);
            expect(machine.recorded).toBe(false);
            // Once more changes nothing.
            machine.changes.splice(0);
            await machine.preparation({}).restore();
            expect(machine.changes).toEqual([]);
          } finally {
            machine.remove();
          }
        },
      ),
      { numRuns: 100 },
    );
    expect(kills).toBeGreaterThan(20);
  });
});
