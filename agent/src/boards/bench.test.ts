import { LabError } from '@hilltop/contracts';
import type { FoundPort } from '@hilltop/firmware-bridge';
import { afterEach, describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { FakeBoard } from '../testing/boards.js';
import { Bench } from './bench.js';
import type { BoardSpec } from './board-spec.js';

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.stop();
});

/** A bench whose looks are asked for, never timed. */
function benchOf(
  specs: BoardSpec[],
  boards: Record<string, FakeBoard>,
  ports: () => FoundPort[] = () => [],
  notBoards: string[] = [],
) {
  const changes: string[] = [];
  const opened: string[] = [];
  const missing: string[] = [];
  let busy = false;
  const bench = new Bench({
    specs,
    labels: {},
    open: async ({ port }) => {
      opened.push(port);
      const board = boards[port];
      if (!board) throw new LabError('device.no-answer', 'nobody is there', { cause: 'device' });
      return board.open();
    },
    onChange: (seat) => changes.push(`${seat.key} ${seat.report() ? 'here' : 'gone'}`),
    sendConsole: () => undefined,
    quiet: () => busy,
    onMissing: (port, reason) => missing.push(`${port}: ${reason}`),
    log: pino({ enabled: false }),
    lookMs: 1e9,
    list: async () => ({ ports: ports() }),
    notBoards: () => notBoards,
  });
  benches.push(bench);
  return { bench, changes, opened, missing, setBusy: (now: boolean) => (busy = now) };
}

const at = (port: string): BoardSpec => ({ port, driver: 'auto' });

describe('Bench', () => {
  it('[MCU-12] a board that is named is looked for until it comes, and again when it went', async () => {
    const board = new FakeBoard({ key: 'a' });
    board.plugged = false;
    const { bench, changes, missing } = benchOf([at('/dev/a')], { '/dev/a': board });
    await bench.start();
    expect([changes, missing]).toEqual([[], ['/dev/a: test-board is not there (device.offline)']]);
    board.plug();
    await bench.look();
    board.unplug();
    await bench.look();
    board.plug();
    await bench.look();
    expect(changes).toEqual(['a here', 'a gone', 'a here']);
  });

  it('[MCU-12] auto takes USB ports where a board answers, leaves the silent ones alone until they are plugged anew', async () => {
    const usb = (name: string, serialNumber: string): FoundPort => ({
      path: `/dev/${name}`,
      vendorId: '2e8a',
      productId: '000a',
      serialNumber,
    });
    const key = 'usb-2e8a-000a-one';
    const board = new FakeBoard({ key });
    let ports: FoundPort[] = [usb('ttyACM0', 'ONE'), usb('ttyACM1', 'TWO'), { path: '/dev/ttyS0' }];
    const { bench, changes, opened } = benchOf([at('auto')], { '/dev/ttyACM0': board }, () => ports);
    await bench.start();
    await bench.look();
    expect([opened, changes]).toEqual([['/dev/ttyACM0', '/dev/ttyACM1'], [`${key} here`]]);
    ports = [];
    board.unplug();
    await bench.look();
    ports = [usb('ttyACM1', 'TWO')];
    await bench.look();
    expect(opened.filter((port) => port === '/dev/ttyACM1')).toHaveLength(2);
    expect(changes).toEqual([`${key} here`, `${key} gone`]);
  });

  it('[METER-20] auto asks no port that is a meter’s', async () => {
    const usb = (path: string): FoundPort => ({ path, vendorId: '1915', productId: 'c00a', serialNumber: path });
    const ports = [usb('/dev/ttyACM0'), usb('/dev/ttyACM1')];
    const { bench, opened } = benchOf([at('auto')], {}, () => ports, ['/dev/ttyACM0']);
    await bench.look();
    expect(opened).toEqual(['/dev/ttyACM1']);
  });

  it('[MCU-9] looks for nothing while this machine is measured', async () => {
    const { bench, opened, setBusy } = benchOf([at('emulator:pico')], {});
    setBusy(true);
    await bench.look();
    expect(opened).toEqual([]);
    setBusy(false);
    await bench.look();
    expect(opened).toEqual(['emulator:pico']);
  });
});
