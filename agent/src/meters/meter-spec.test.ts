import { realpathSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseAgentArgs } from '../config.js';
import { type MeterSpec, meterArgs, meterName, meterPorts, parseMeter, parseSimulatedMeter } from './meter-spec.js';

const parse = (argv: string[], env = {}) => parseAgentArgs(argv, { env, home: '/h', host: 'b' }).config.meters;

describe('parseMeter', () => {
  it.each<[string, MeterSpec]>([
    ['ppk2:/dev/ttyACM0', { driver: 'ppk2', at: '/dev/ttyACM0', device: 'host' }],
    [
      'ppk2:/dev/ttyACM0,device=usb-1,mv=1800,mode=ampere',
      { driver: 'ppk2', at: '/dev/ttyACM0', device: 'usb-1', millivolts: 1800, mode: 'ampere' },
    ],
    [
      'lpm01a:tcp:lab:3333,mv=3300,format=binary',
      { driver: 'lpm01a', at: 'tcp:lab:3333', device: 'host', millivolts: 3300, format: 'binary' },
    ],
    ['tasmota:http://10.0.0.5/', { driver: 'tasmota', at: 'http://10.0.0.5', device: 'host' }],
    [
      'tasmota:http://10.0.0.5,user=me,password=a,b=c',
      { driver: 'tasmota', at: 'http://10.0.0.5', device: 'host', credentials: { user: 'me', password: 'a,b=c' } },
    ],
    [
      'shelly:http://me:p%40ss@10.0.0.6:8080,id=1,device=emulated-pico',
      {
        driver: 'shelly',
        at: 'http://10.0.0.6:8080',
        device: 'emulated-pico',
        output: 1,
        credentials: { user: 'me', password: 'p@ss' },
      },
    ],
  ])('[METER-15] %s', (text, spec) => {
    expect(parseMeter(text)).toEqual(spec);
  });

  it.each([
    'ppk2',
    'ppk3:/dev/ttyACM0',
    'ppk2:ttyACM0',
    'ppk2:/dev/a,mv=',
    'ppk2:/dev/a,mv=70',
    'ppk2:/dev/a,mv=9000',
    'ppk2:/dev/a,mode=both',
    'ppk2:/dev/a,mode=ampere',
    'ppk2:/dev/a,format=binary',
    'ppk2:/dev/a,password=x',
    'lpm01a:/dev/a,mv=5000',
    'lpm01a:/dev/a,format=hex',
    'tasmota:10.0.0.5',
    'tasmota:http://10.0.0.5?cmnd=Power',
    'shelly:http://10.0.0.5,id=x',
    'shelly:http://10.0.0.5,device=A B',
  ])('[METER-15] refuses %s', (text) => {
    expect(() => parseMeter(text)).toThrow(expect.objectContaining({ code: 'request.invalid' }));
  });

  it.each([
    'tasmota:http://a,mv=3,password=hunter2',
    'tasmota:nowhere,user=x,password=hunter2',
    'shelly:http://me:hunter2@a,id=x',
    'nonsense:http://me:hunter2@a',
    'ppk2:/dev/a,password=hunter2',
  ])('[METER-11] never repeats a password: %s', (text) => {
    let message = '';
    try {
      parseMeter(text);
    } catch (error) {
      message = String(error);
    }
    expect(message).not.toBe('');
    expect(message).not.toContain('hunter2');
  });

  it('[METER-11] its name for logs has no credentials, and a service’s file refuses to hold a password', () => {
    const spec = parseMeter('shelly:http://me:hunter2@10.0.0.6');
    expect(meterName(spec)).toBe('shelly:http://10.0.0.6');
    expect(() => meterArgs([spec])).toThrow(/HILLTOP_METER/);
  });

  it('[METER-15] is written as it was read', () => {
    const args = [
      ['--meter', 'ppk2:/dev/ttyACM0,mv=1800,mode=source,device=usb-1'],
      ['--meter', 'lpm01a:/dev/ttyACM1,format=binary'],
      ['--meter', 'shelly:http://10.0.0.6,id=1'],
      ['--simulate-meter', 'ppk2,device=emulated-pico'],
    ];
    for (const [flag, text] of args)
      expect(meterArgs([flag === '--meter' ? parseMeter(text!) : parseSimulatedMeter(text!)])).toEqual([flag, text]);
  });
});

describe('meterPorts', () => {
  it('[METER-20] are known by whatever link they were named by', () => {
    expect(
      meterPorts([parseMeter('ppk2:/proc/self/exe'), parseMeter('lpm01a:/no/such'), parseMeter('shelly:http://a')]),
    ).toEqual(['/proc/self/exe', realpathSync('/proc/self/exe'), '/no/such']);
  });
});

describe('the agent’s command line', () => {
  it('[METER-15] takes meters by option or from the environment, and simulated ones', () => {
    expect(parse(['--meter', 'ppk2:/dev/a', '--simulate-meter', 'shelly,device=usb-1'])).toMatchObject([
      { driver: 'ppk2', at: '/dev/a', device: 'host' },
      { driver: 'shelly', simulated: true, device: 'usb-1' },
    ]);
    expect(parse([], { HILLTOP_METER: 'tasmota:http://a shelly:http://b,device=usb-1' })).toHaveLength(2);
    expect(parse([])).toBeUndefined();
  });

  it.each([
    [['--meter', 'ppk2:/dev/a', '--meter', 'ppk2:/dev/a,device=x']],
    [['--meter', 'ppk2:/dev/a', '--simulate-meter', 'shelly']],
    [['--simulate-meter', 'ppk3']],
    [['--simulate-meter', 'ppk2,mv=3300']],
  ])('[METER-15] refuses %j', (argv) => {
    expect(() => parse(argv)).toThrow(expect.objectContaining({ code: 'request.invalid' }));
  });
});
