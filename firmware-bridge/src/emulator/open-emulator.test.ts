import { describe, expect, it } from '@jest/globals';
import { openPort } from '../open-port.js';
import { openSmpBoard } from '../smp/smp-board.js';
import { openEmulator } from './open-emulator.js';

describe('openEmulator', () => {
  it('[MCU-62] is a port like any other: switched on with the shipped firmware, off when the port is closed', async () => {
    const port = await openPort('emulator:pico');
    expect(port.identity).toEqual({ key: 'emulated-pico', name: 'emulator:pico' });
    const closed = new Promise((resolve) => port.onClose(resolve));
    const board = await openSmpBoard(port);
    expect(await board.info()).toMatchObject({ board: 'pico', cpu: 'cortex-m0plus', hz: 125_000_000 });
    await board.close();
    expect(await closed).toBeUndefined();
  });

  it('gives the buttons too, and a closed port leaves no board behind', async () => {
    const { port, board } = await openEmulator('pico');
    await board.reset();
    expect((await board.facts()).state).not.toBe('hung');
    await port.close();
    await port.close();
    await expect(board.facts()).rejects.toMatchObject({ code: 'device.offline' });
    await expect(board.open()).rejects.toMatchObject({ code: 'device.offline' });
  });

  it('leaves no board behind either when its port is lost', async () => {
    const { port, board } = await openEmulator('pico');
    const lost = new Promise((resolve) => port.onClose(resolve));
    await board.unplug();
    expect(await lost).toMatchObject({ code: 'device.unplugged' });
    await expect(board.open()).rejects.toMatchObject({ code: 'device.offline' });
  });

  it('[MCU-62] says which emulators there are, and what to do about a missing image', async () => {
    await expect(openPort('emulator:esp32')).rejects.toMatchObject({
      code: 'usage.invalid',
      message: expect.stringContaining('there is one for pico'),
    });
    const missing = (): never => {
      throw Object.assign(new Error('ENOENT: no such file, pico.bin'), { code: 'ENOENT' });
    };
    await expect(openEmulator('pico', missing)).rejects.toMatchObject({
      code: 'device.offline',
      message: expect.stringContaining('install the package again'),
    });
  });
});
