// The Pico's firmware as a USB device, asked by a host that knows USB 2.0 chapter 9 and CDC, and nothing of the firmware.
import { describe, expect, it } from '@jest/globals';
import { emulatedPicoUsbIdentity } from './emulated-port.js';
import { StrictHost } from './testing/strict-host.js';

const descriptor = (type: number, index: number, length: number): number[] => [0x80, 6, index, type, 0, 0, length, 0];
const [device, configuration, text] = [1, 2, 3];
const info = [...Buffer.from('name%')];
const saysItsName = /m-name-dut-\[hilltop-pico\]\r\nm-ready\r\n$/;
const textOf = (bytes: readonly number[]): string => Buffer.from(bytes).toString('latin1');

/** A host after its reset, and the board with no address. */
function connected(): StrictHost {
  const host = new StrictHost();
  host.settle();
  host.reset();
  return host;
}

function enumerated(): StrictHost {
  const host = new StrictHost();
  host.enumerate();
  return host;
}

const usbText = (host: StrictHost): string => textOf(host.packets.flatMap(({ bytes }) => bytes));

describe("[MCU-65] the Pico's USB device", () => {
  it('describes one serial function, and is who the emulator says', () => {
    const host = connected();
    const { data } = host.request(descriptor(device, 0, 64)) as { data: number[] };
    expect(data).toEqual([18, 1, 0, 2, 2, 0, 0, 64, 0x09, 0x12, 0x01, 0x00, 0, 1, 1, 2, 0, 1]);
    const { vendorId, productId } = emulatedPicoUsbIdentity;
    const word = (at: number): string => (data[at]! | (data[at + 1]! << 8)).toString(16).padStart(4, '0');
    expect([word(8), word(10)]).toEqual([vendorId, productId]);
    // The first question of Windows and Linux is for a part.
    expect(host.request(descriptor(device, 0, 8))).toEqual({ data: data.slice(0, 8) });

    const head = host.request(descriptor(configuration, 0, 9)) as { data: number[] };
    const whole = host.request(descriptor(configuration, 0, 255)) as { data: number[] };
    expect(whole.data.slice(0, 9)).toEqual(head.data);
    expect(whole.data).toHaveLength(head.data[2]! | (head.data[3]! << 8));
    const parts: number[][] = [];
    for (let at = 0; at < whole.data.length; at += whole.data[at]!)
      parts.push(whole.data.slice(at, at + whole.data[at]!));
    const ofType = (type: number): number[][] => parts.filter((part) => part[1] === type);
    expect(ofType(4).map((part) => [part[2], part[4], part[5], part[6]])).toEqual([
      [0, 1, 2, 2],
      [1, 2, 10, 0],
    ]);
    expect(ofType(5).map((part) => [part[2], part[3], part[4]])).toEqual([
      [0x81, 3, 16],
      [0x02, 2, 64],
      [0x82, 2, 64],
    ]);
    expect(ofType(0x24).map((part) => part[2])).toEqual([0, 1, 2, 6]);
    const names = [1, 2].map((index) => host.request(descriptor(text, index, 255)) as { data: number[] });
    expect(names.map(({ data: utf16 }) => Buffer.from(utf16.slice(2)).toString('utf16le'))).toEqual([
      'Hilltop',
      'Raspberry Pi Pico',
    ]);
    expect(host.rash).toBe(0);
  });

  it('takes its address after the transfer that gave it, is configured and unconfigured, and forgets both at a reset', () => {
    const host = connected();
    const address = (): number => host.usb.readUint32(0) & 0x7f;
    const isConfigured = (): unknown => host.request([0x80, 8, 0, 0, 0, 0, 1, 0]);
    expect(host.request([0, 5, 42, 0, 0, 0, 0, 0])).toEqual({ data: [] });
    expect([address(), isConfigured()]).toEqual([42, { data: [0] }]);
    expect(host.offered(2)).toBeUndefined();
    host.request([0, 9, 1, 0, 0, 0, 0, 0]);
    expect([isConfigured(), host.offered(2)]).toEqual([{ data: [1] }, 64]);
    host.reset();
    expect([address(), isConfigured(), host.offered(2)]).toEqual([0, { data: [0] }, undefined]);
    host.request([0, 9, 1, 0, 0, 0, 0, 0]);
    expect(host.offered(2)).toBe(64);
  });

  it('keeps the line coding for the host and confirms its control lines', () => {
    const host = enumerated();
    expect(host.request([0xa1, 0x21, 0, 0, 0, 0, 7, 0])).toEqual({ data: [0x00, 0xc2, 0x01, 0, 0, 0, 8] });
    const coding = [0x80, 0x25, 0, 0, 2, 1, 7];
    expect(host.request([0x21, 0x20, 0, 0, 0, 0, 7, 0], coding)).toEqual({ data: [] });
    expect(host.request([0xa1, 0x21, 0, 0, 0, 0, 7, 0])).toEqual({ data: coding });
    expect(host.request([0x21, 0x22, 3, 0, 0, 0, 0, 0])).toEqual({ data: [] });
  });

  it.each([
    ['a descriptor that is not there', descriptor(6, 0, 10)],
    ['a serial number, for the emulator has no flash chip', descriptor(text, 3, 255)],
    ['a configuration that is not there', [0, 9, 2, 0, 0, 0, 0, 0]],
    ['a break', [0x21, 0x23, 0xff, 0xff, 0, 0, 0, 0]],
    ["a vendor's request", [0xc0, 1, 0, 0, 0, 0, 4, 0]],
  ])('refuses %s, and serves the next', (_what, setup) => {
    const host = enumerated();
    expect(host.request(setup)).toBe('stall');
    expect(host.request([0x80, 0, 0, 0, 0, 0, 2, 0])).toEqual({ data: [0, 0] });
  });

  it('answers in packets that alternate', () => {
    const host = enumerated();
    host.write(info);
    expect(usbText(host)).toMatch(saysItsName);
    host.write([...Buffer.from('profile%help%name%')]);
    const { packets } = host;
    expect(packets.every(({ endpoint }) => endpoint === 2)).toBe(true);
    expect(packets.map(({ data }) => data)).toEqual(packets.map((_, i) => i % 2));
    expect(host.rash).toBe(0);
  });

  it('has an empty packet behind a full one at the end of a line, without which a host reads on', () => {
    const host = enumerated();
    host.write([...Buffer.from(`${'x'.repeat(41)}%`)]);
    expect(host.packets.map(({ bytes }) => textOf(bytes))).toEqual([
      `e-[Unknown command: ${'x'.repeat(41)}]`.slice(0, 64).concat('\r\n'),
      '',
      'm-ready\r\n',
    ]);
    expect(host.packets[0]!.bytes).toHaveLength(64);
  });

  it('begins with DATA0 again when a halt is cleared', () => {
    const host = enumerated();
    // Three lines, so that the next packet were a DATA1.
    host.write([...Buffer.from('profile%')]);
    expect(host.packets.at(-1)!.data).toBe(0);
    host.packets.length = 0;
    expect(host.request([0x02, 1, 0, 0, 0x82, 0, 0, 0])).toEqual({ data: [] });
    host.write(info);
    expect(host.packets[0]!.data).toBe(0);
  });

  it('stays where it is when the host sets 1200 baud and there is no boot ROM', () => {
    const host = enumerated();
    host.request([0x21, 0x20, 0, 0, 0, 0, 7, 0], [0xb0, 0x04, 0, 0, 0, 0, 8]);
    host.write(info);
    expect(usbText(host)).toMatch(saysItsName);
  });
});

describe("[MCU-66] the Pico's two lines", () => {
  it('are both listened to, and each question is answered by the line it came by', () => {
    const host = enumerated();
    host.uart.length = 0;
    host.write(info);
    expect([usbText(host), host.uart]).toEqual([expect.stringMatching(saysItsName), []]);
    host.packets.length = 0;
    host.writeUart(info);
    expect([textOf(host.uart), host.packets]).toEqual([expect.stringMatching(saysItsName), []]);
    host.write(info);
    expect(usbText(host)).toMatch(saysItsName);
  });

  it('do not finish what the other one began', () => {
    const host = enumerated();
    host.uart.length = 0;
    host.writeUart([...Buffer.from('na')]);
    host.write([...Buffer.from('me%')]);
    expect(usbText(host)).toMatch(/^e-\[/);
    expect(host.uart).toEqual([]);
  });

  it('do without the host, which may never take an answer', () => {
    const host = enumerated();
    // Nothing of what the board sends is ever taken: the controller does not report it done.
    const { usb } = host;
    const update = usb.DPRAMUpdated;
    usb.DPRAMUpdated = (offset, value) => {
      if (offset !== 0x90) update(offset, value);
    };
    host.uart.length = 0;
    host.write([...info, ...info]);
    expect(host.packets).toEqual([]);
    host.writeUart(info);
    expect(textOf(host.uart)).toMatch(saysItsName);
  });
});
