import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listPorts } from './list-ports.js';
import { usbFacts } from './usb-facts.js';

let sys = '';
beforeAll(async () => {
  sys = await mkdtemp(join(tmpdir(), 'hilltop-sys-'));
  const hub = join(sys, 'devices/pci0000:00/usb1/1-1');
  const files = async (at: string, of: Record<string, string>): Promise<void> => {
    await mkdir(at, { recursive: true });
    for (const [name, text] of Object.entries(of)) await writeFile(join(at, name), `${text}\n`);
  };
  await files(join(hub, '1-1.2'), { idVendor: '2e8a', idProduct: '000a', serial: 'E66', manufacturer: 'Raspberry Pi' });
  await files(join(hub, '1-1.3'), { idVendor: '1a86', idProduct: '7523' });
  await mkdir(join(hub, '1-1.2/1-1.2:1.0'), { recursive: true });
  await mkdir(join(hub, '1-1.3/1-1.3:1.0/ttyUSB0'), { recursive: true });
  await mkdir(join(sys, 'devices/platform/serial0'), { recursive: true });
  for (const [name, target] of [
    ['ttyACM0', join(hub, '1-1.2/1-1.2:1.0')],
    ['ttyUSB0', join(hub, '1-1.3/1-1.3:1.0/ttyUSB0')],
    ['ttyAMA0', join(sys, 'devices/platform/serial0')],
  ] as const) {
    await mkdir(join(sys, 'class/tty', name), { recursive: true });
    await symlink(target, join(sys, 'class/tty', name, 'device'));
  }
});
afterAll(() => rm(sys, { recursive: true }));

describe('usbFacts', () => {
  it('finds a CDC board, an adapter, and nothing of a built-in port', async () => {
    expect(await usbFacts('/dev/ttyACM0', sys)).toEqual({
      vendorId: '2e8a',
      productId: '000a',
      serialNumber: 'E66',
      manufacturer: 'Raspberry Pi',
      location: '1-1.2:1.0',
    });
    expect(await usbFacts('/dev/ttyUSB0', sys)).toEqual({ vendorId: '1a86', productId: '7523', location: '1-1.3:1.0' });
    expect(await usbFacts('/dev/ttyAMA0', sys)).toEqual({});
    expect(await usbFacts('/dev/ttyACM9', sys)).toEqual({});
  });

  it('stands in for udev, and gives way to it', async () => {
    const list = async () => [{ path: '/dev/ttyACM0', serialNumber: 'from udev' }];
    expect((await listPorts(list, '/dev', sys)).ports).toEqual([
      {
        path: '/dev/ttyACM0',
        vendorId: '2e8a',
        productId: '000a',
        serialNumber: 'from udev',
        manufacturer: 'Raspberry Pi',
        location: '1-1.2:1.0',
      },
    ]);
  });
});
