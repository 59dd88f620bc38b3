import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { listPorts } from './list-ports.js';

describe('listPorts', () => {
  it('gives ports in order with what is known of them', async () => {
    const list = async () => [
      { path: '/dev/ttyACM10', vendorId: '2e8a', productId: undefined as never, pnpId: 'usb-x' },
      { path: '/dev/ttyACM9' },
    ];
    expect(await listPorts(list, '/dev', '/none')).toEqual({
      ports: [{ path: '/dev/ttyACM9' }, { path: '/dev/ttyACM10', vendorId: '2e8a', pnpId: 'usb-x' }],
    });
  });

  it('[AGENT-9] lists names and says what is lacking where there is no udevadm', async () => {
    const dev = await mkdtemp(join(tmpdir(), 'hilltop-dev-'));
    for (const name of ['ttyUSB0', 'ttyS0', 'tty1', 'null']) await writeFile(join(dev, name), '');
    const fail = async () => {
      throw new Error('spawn udevadm ENOENT');
    };
    expect(await listPorts(fail, dev, '/none')).toEqual({
      ports: [{ path: `${dev}/ttyUSB0` }],
      lack: expect.stringContaining('udev'),
    });
    await rm(dev, { recursive: true });
  });

  it('never throws on the machine it runs on', async () => {
    expect(await listPorts()).toEqual(expect.objectContaining({ ports: expect.any(Array) }));
  });
});
