import { describe, expect, it } from '@jest/globals';
import { parseAgentArgs } from '../config.js';
import { boardArgs } from './board-spec.js';

const boards = (argv: string[], env = {}) =>
  parseAgentArgs(argv, { env, home: '/home/me', host: 'bench-1' }).config.boards;

describe('boards on the command line', () => {
  it('[MCU-10] takes serial ports with their options, sockets, and emulated boards', () => {
    expect(
      boards([
        '--serial',
        '/dev/ttyACM0',
        '--serial',
        'tcp:bench:3333,driver=mlperf-tiny,emulated',
        '--serial=auto,baud=9600',
        '--serial',
        'unix:/run/board,icount=5',
        '--emulate',
        'pico',
      ]),
    ).toEqual([
      { port: '/dev/ttyACM0', driver: 'auto' },
      { port: 'tcp:bench:3333', driver: 'mlperf-tiny', emulated: true },
      { port: 'auto', driver: 'auto', baudRate: 9600 },
      { port: 'unix:/run/board', driver: 'auto', icount: 5 },
      { port: 'emulator:pico', driver: 'smp' },
    ]);
  });

  it('[MCU-10] reads the environment where nothing is said', () => {
    const env = { HILLTOP_SERIAL: '/dev/ttyUSB0,driver=smp  unix:/run/board', HILLTOP_EMULATE: 'pico' };
    expect(boards([], env).map((spec) => spec.port)).toEqual(['/dev/ttyUSB0', 'unix:/run/board', 'emulator:pico']);
    expect(boards(['--serial', '/dev/ttyACM0'], env).map((spec) => spec.port)).toEqual([
      '/dev/ttyACM0',
      'emulator:pico',
    ]);
  });

  it.each([
    ['--serial', 'ttyACM0'],
    ['--serial', '/dev/ttyACM0,driver=foo'],
    ['--serial', '/dev/ttyACM0,baud=fast'],
    ['--serial', 'unix:/run/board,icount=auto'],
    ['--serial', 'tcp:bench'],
    ['--emulate', 'arduino'],
    ['--emulate', 'pico', '--emulate', 'pico'],
  ])('[MCU-10] refuses %s %s', (...argv) => {
    expect(() => boards(argv)).toThrow(expect.objectContaining({ code: 'request.invalid' }));
  });

  it('[AGENT-12] a service starts with the same boards', () => {
    const specs = boards([
      '--serial',
      '/dev/ttyACM0,driver=smp,baud=9600',
      '--serial',
      'auto,emulated',
      '--serial',
      'unix:/run/board,icount=5',
      '--emulate',
      'pico',
    ]);
    expect(boards(boardArgs(specs))).toEqual(specs);
  });
});
