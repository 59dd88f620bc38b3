import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseAgentArgs } from '../config.js';
import { serviceUnit } from '../service.js';
import { cpuListText, parseCpuList } from './cpu-list.js';
import { parsePrepare, prepareArgs, type Wanted } from './wanted.js';

const config = (...args: string[]) => parseAgentArgs(args, { env: {}, home: '/home/me', host: 'h' }).config;

describe('parsePrepare', () => {
  it('[PREP-1] names what may be changed, with defaults for governor and fan', () => {
    expect(parsePrepare('governor,affinity=2-3,5,fan,power-mode=0,cool-down')).toEqual({
      governor: 'performance',
      affinity: '2-3,5',
      fan: 255,
      powerMode: 0,
      coolDown: true,
    });
    expect(parsePrepare('fan=120, governor=schedutil')).toEqual({ governor: 'schedutil', fan: 120 });
    expect(parsePrepare('modes,cool-down')).toEqual({ coolDown: true, modes: true });
  });

  it.each([
    '',
    'turbo',
    'governor=',
    'governor=../x',
    'affinity',
    'affinity=3-2',
    'affinity=0-9999',
    'affinity=1,1-',
    'fan=256',
    'fan=-1',
    'power-mode',
    'power-mode=MAXN',
    'cool-down=5',
    'modes=MAXN',
    'fan,fan=3',
    'constructor',
    '2-3',
  ])('[PREP-1] "%s" is wrong use', (text) => {
    expect(() => config('--prepare', text)).toThrow(expect.objectContaining({ code: 'request.invalid' }));
  });

  it('[PREP-1] a service is started with the same, and may write where nvpmodel keeps its mode', () => {
    const wanted = { governor: 'performance', affinity: '1,3', powerMode: 2 };
    const plan = { node: '/node', script: '/agent', system: true };
    const unit = serviceUnit({ ...plan, config: { ...config(), prepare: wanted } });
    expect(unit).toMatch(/^ExecStart=.* --prepare power-mode=2,governor=performance,affinity=1,3$/m);
    expect(unit).toMatch(/^ReadWritePaths=-\/var\/lib\/nvpmodel$/m);
    expect(serviceUnit({ ...plan, config: config() })).not.toMatch(/nvpmodel|--prepare/);
  });

  it('[PREP-1] options and what is wanted are the same thing', () => {
    const wanted = fc.record(
      {
        governor: fc.constantFrom('performance', 'ondemand', 'userspace'),
        affinity: fc
          .uniqueArray(fc.integer({ min: 0, max: 63 }), { minLength: 1, maxLength: 12 })
          .map((cpus) => cpuListText(cpus.sort((a, b) => a - b))),
        fan: fc.integer({ min: 0, max: 255 }),
        powerMode: fc.integer({ min: 0, max: 20 }),
        coolDown: fc.constant(true as const),
        modes: fc.constant(true as const),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Wanted>;
    fc.assert(
      fc.property(wanted, (some) => {
        expect(config(...prepareArgs(some)).prepare ?? {}).toEqual(some);
      }),
    );
  });
});

describe('parseCpuList', () => {
  it('reads the lists of the kernel', () => {
    expect(parseCpuList('0-3,6\n')).toEqual([0, 1, 2, 3, 6]);
    expect(parseCpuList('6,0-1,1')).toEqual([0, 1, 6]);
    for (const text of ['', '0-', '-1', 'a', '0-6:2', '99999']) expect(parseCpuList(text)).toBeUndefined();
  });

  it('comes back as it went', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { minLength: 1 }), (cpus) => {
        const sorted = cpus.sort((a, b) => a - b);
        expect(parseCpuList(cpuListText(sorted))).toEqual(sorted);
      }),
    );
  });
});
