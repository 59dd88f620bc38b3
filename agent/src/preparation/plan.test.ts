import { describe, expect, it } from '@jest/globals';
import { buildBoard, constructed } from '../sensors/testing/tree.js';
import { affinityLack } from './affinity.js';
import { checkPreparation } from './check-preparation.js';
import { lookAtSettings } from './look.js';
import { planChanges, type Settings } from './plan.js';

const settings = (over: Partial<Settings> = {}): Settings => ({
  governors: [{ path: 'g0', now: 'ondemand', writable: true, available: ['ondemand', 'performance'] }],
  fans: [{ path: 'pwm1', now: '80', writable: true, regulator: { path: 'en', now: '2', writable: true, manual: '1' } }],
  ...over,
});

describe('planChanges', () => {
  it('[PREP-3] takes a fan from its regulator before it sets it', () => {
    expect(planChanges({ fan: 255 }, settings()).changes).toEqual([
      { part: 'fan', path: 'en', before: '2', after: '1' },
      { part: 'fan', path: 'pwm1', before: '80', after: '255' },
    ]);
  });

  it('[PREP-3] what is already as wanted is no change', () => {
    const seen = settings({
      powerMode: 0,
      governors: [{ path: 'g0', now: 'performance', writable: false, available: [] }],
    });
    expect(planChanges({ governor: 'performance', powerMode: 0 }, seen)).toEqual({ changes: [], lacks: [] });
  });

  it.each([
    ['no governor', { governor: 'performance' }, { governors: [] }],
    ['another governor', { governor: 'turbo' }, {}],
    [
      'one closed core of two',
      { governor: 'performance' },
      {
        governors: [
          ...settings().governors,
          { path: 'cpu/policy4/x', now: 'ondemand', writable: false, available: [] },
        ],
      },
    ],
    ['no fan', { fan: 1 }, { fans: [] }],
    ['a closed fan', { fan: 1 }, { fans: [{ path: 'pwm1', now: '80', writable: false }] }],
    ['no power mode', { powerMode: 1 }, {}],
  ])('[PREP-6] %s is a lack with a remedy, and nothing of it is changed', (_, wanted, over) => {
    const { changes, lacks, powerMode } = planChanges(wanted, settings(over));
    expect(changes).toEqual([]);
    expect(powerMode).toBeUndefined();
    expect(lacks).toEqual([
      { part: Object.keys(wanted)[0], what: expect.any(String), remedy: expect.stringMatching(/^[^\n]+$/) },
    ]);
  });
});

describe('lookAtSettings', () => {
  it('[PREP-13] finds policies, fans with and without a regulator, and the fan of JetPack 4', async () => {
    const board = await buildBoard({
      files: {
        'sys/devices/system/cpu/cpufreq/policy0/scaling_governor': constructed('schedutil'),
        'sys/devices/system/cpu/cpufreq/policy0/scaling_available_governors': constructed('performance schedutil '),
        'sys/class/hwmon/hwmon0/name': constructed('cpu_thermal'),
        'sys/class/hwmon/hwmon1/pwm1': constructed(0),
        'sys/class/hwmon/hwmon1/pwm1_enable': constructed(1),
        'sys/class/hwmon/hwmon10/pwm2': constructed(77),
        'sys/devices/pwm-fan/target_pwm': constructed(120),
        'sys/devices/pwm-fan/temp_control': constructed(1),
      },
    });
    const { governors, fans, powerMode } = await lookAtSettings(board);
    expect(powerMode).toBeUndefined();
    expect(governors).toEqual([
      {
        path: 'sys/devices/system/cpu/cpufreq/policy0/scaling_governor',
        now: 'schedutil',
        writable: true,
        available: ['performance', 'schedutil'],
      },
    ]);
    expect(fans.map(({ path, now, regulator }) => [path, now, regulator?.now, regulator?.manual])).toEqual([
      ['sys/class/hwmon/hwmon1/pwm1', '0', '1', '1'],
      ['sys/class/hwmon/hwmon10/pwm2', '77', undefined, undefined],
      ['sys/devices/pwm-fan/target_pwm', '120', '1', '0'],
    ]);
    await board.remove();
  });

  it('[PREP-13] kernels without policies have a governor of each core', async () => {
    const board = await buildBoard({
      files: {
        'sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': constructed('ondemand'),
        'sys/devices/system/cpu/cpu1/cpufreq/scaling_governor': constructed('ondemand'),
        'sys/devices/system/cpu/cpufreq/boost': constructed(1),
      },
    });
    expect((await lookAtSettings(board)).governors.map(({ path }) => path)).toEqual([
      'sys/devices/system/cpu/cpu0/cpufreq/scaling_governor',
      'sys/devices/system/cpu/cpu1/cpufreq/scaling_governor',
    ]);
    await board.remove();
  });
});

describe('affinityLack', () => {
  it('[PREP-14] processors that are offline or not for this agent are a lack', async () => {
    const board = await buildBoard({
      files: {
        'proc/self/status': constructed('Name:\tnode\nCpus_allowed_list:\t0-2'),
        'sys/devices/system/cpu/online': constructed('0-1,3'),
      },
    });
    expect(affinityLack(board.root, '0-1', '/taskset')).toBeUndefined();
    expect(affinityLack(board.root, '1-3', '/taskset')).toEqual({
      what: 'affinity=1-3: processor 2-3 is not there for this agent, only 0-1',
      remedy: '--prepare affinity=0-1',
    });
    expect(affinityLack(board.root, '0', undefined)).toMatchObject({ remedy: 'apt-get install util-linux' });
    const check = await checkPreparation({ affinity: '7', governor: 'performance', coolDown: true }, board);
    expect(check.possible).toEqual([]);
    expect(check.lacks).toHaveLength(3);
    await board.remove();
  });
});
