// The emulated Pico at the end of a USB cable, on its thread, with the firmware that ships.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFirmware } from '../firmware-images.js';
import { openSmpBoard } from '../smp/smp-board.js';
import { EmulatedPico } from './emulated-pico.js';
import { openEmulatedPort } from './emulated-port.js';

describe('[MCU-67] an emulated Pico on USB', () => {
  let pico: EmulatedPico;
  beforeEach(() => {
    pico = new EmulatedPico({ image: readFirmware('pico'), line: 'usb' });
  });
  afterEach(() => pico.close());

  it('is known by vendor, product and serial number', async () => {
    const { identity } = await openEmulatedPort(pico);
    expect(identity).toEqual({
      key: 'usb-1209-0001-emulated',
      name: 'emulator:pico',
      vendorId: '1209',
      productId: '0001',
      serialNumber: 'emulated',
    });
  });

  it('sleeps between two questions: the host does not ask what it knows', async () => {
    const board = await openSmpBoard(await openEmulatedPort(pico));
    await board.info();
    const before = await pico.facts();
    await board.info();
    const { busyCycles, state } = await pico.facts();
    expect(state).toBe('idle');
    // A question and its answer: a host that polled would keep it awake all the time, 125,000 cycles a millisecond.
    expect(busyCycles - before.busyCycles).toBeLessThan(125_000);
  });

  it('leaves the bus when its button is pressed, and is there again for who opens it', async () => {
    const port = await openEmulatedPort(pico);
    const before = await (await openSmpBoard(port)).info();
    const gone = new Promise((resolve) => port.onClose(resolve));
    await pico.reset();
    expect(await gone).toMatchObject({ code: 'device.unplugged' });
    await expect(port.write(Uint8Array.of(10))).rejects.toMatchObject({ code: 'device.unplugged' });
    const after = await (await openSmpBoard(await openEmulatedPort(pico))).info();
    expect(after).toMatchObject({ board: before.board, ramBytes: before.ramBytes });
    expect(after.boot).not.toBe(before.boot);
  });
});
