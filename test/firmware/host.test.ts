// The same firmware as a program of this machine.
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { describeWithCompiler } from '../support/describe-with-qemu.js';
import { buildHostFirmware, startHostFirmware } from '../support/host-firmware.js';
import { boardSuite } from './board-suite.js';

describeWithCompiler('firmware of the host build', () => {
  let program: string;
  beforeAll(() => {
    program = buildHostFirmware();
  });
  afterAll(() => rmSync(dirname(program), { recursive: true, force: true }));

  boardSuite(() => startHostFirmware(program), {
    board: 'host',
    cpu: 'host',
    hz: 1e9,
    ticks: 'clock',
    exact: false,
    losesPort: true,
  });
});
