import { LabError } from '@hilltop/contracts';
import type { FoundPort } from '@hilltop/firmware-bridge';
import { describe, expect, it } from '@jest/globals';
import { FakeBoard } from '../testing/boards.js';
import type { BoardSpec } from './board-spec.js';
import { checkedPortText, checkPorts } from './doctor-ports.js';

const usb = (path: string): FoundPort => ({ path, vendorId: '2e8a', productId: '000a', manufacturer: 'Raspberry Pi' });

describe('checkPorts', () => {
  it('[MCU-13] says who answers at each port, what keeps others silent, and the remedy', async () => {
    const asked: string[] = [];
    const checked = await checkPorts({
      ports: [
        usb('/dev/ttyACM0'),
        usb('/dev/ttyACM1'),
        usb('/dev/ttyACM2'),
        usb('/dev/ttyACM3'),
        { path: '/dev/ttyS0' },
      ],
      specs: [{ port: 'auto', driver: 'auto' }],
      mayUse: async (path) => path !== '/dev/ttyACM3',
      open: async ({ port }) => {
        asked.push(port);
        if (port === '/dev/ttyACM1') throw new LabError('device.busy', 'taken');
        if (port === '/dev/ttyACM2') throw new LabError('device.no-answer', 'silence');
        return new FakeBoard().open();
      },
    });
    expect(asked).toEqual(['/dev/ttyACM0', '/dev/ttyACM1', '/dev/ttyACM2', 'emulator:pico']);
    expect(checked.map(checkedPortText)).toEqual([
      '/dev/ttyACM0 (Raspberry Pi 2e8a:000a): Test board, Cortex-M4, smp 1.0.0',
      '/dev/ttyACM1 (Raspberry Pi 2e8a:000a): in use, perhaps by a running agent',
      '/dev/ttyACM2 (Raspberry Pi 2e8a:000a): no board answers',
      '/dev/ttyACM3 (Raspberry Pi 2e8a:000a): this user may not use it',
      '/dev/ttyS0: not asked; name it to do so: --serial /dev/ttyS0',
      'emulator:pico: Test board, Cortex-M4, smp 1.0.0',
    ]);
    expect(checked[3]!.remedy).toContain('dialout');
    expect(checked[2]!.remedy).toContain('flash');
  });

  it('[MCU-13] asks a port that was named, with its options', async () => {
    const specs: BoardSpec[] = [{ port: '/dev/ttyS0', driver: 'mlperf-tiny', baudRate: 9600 }];
    const asked: BoardSpec[] = [];
    const checked = await checkPorts({
      ports: [{ path: '/dev/ttyS0' }],
      specs,
      mayUse: async () => true,
      open: async (spec) => {
        asked.push(spec);
        throw new LabError('device.offline', '/dev/ttyS0 cannot be opened: no such port; plug it in');
      },
    });
    expect(asked[0]).toEqual(specs[0]);
    expect(checked[0]).toEqual({ port: '/dev/ttyS0', why: 'cannot be opened: no such port', remedy: 'plug it in' });
  });
});
