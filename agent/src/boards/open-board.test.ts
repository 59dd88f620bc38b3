import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { SimulatedSmpBoard, SimulatedTinyDevice } from '@hilltop/firmware-bridge';
import { afterEach, describe, expect, it } from '@jest/globals';
import { boardSeat } from '../testing/board-seats.js';
import { FakeBoard } from '../testing/boards.js';
import { boardReport } from './board-report.js';
import { openBoard } from './open-board.js';

const ends: Array<() => unknown> = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A firmware behind a socket, as an emulator or a serial server has it. */
async function served(
  make: (send: (bytes: Uint8Array) => void) => { receive(bytes: Uint8Array): void },
): Promise<string> {
  const server = createServer((socket) => {
    const firmware = make((bytes) => void socket.write(bytes));
    socket.on('data', (bytes) => firmware.receive(bytes));
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  ends.push(() => server.close());
  await once(server, 'listening');
  return `tcp:127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('openBoard', () => {
  it('[MCU-11] finds our firmware by asking', async () => {
    const port = await served((send) => new SimulatedSmpBoard({ ramBytes: 100_000 }, send));
    const opened = await openBoard({ port, driver: 'auto' }, undefined);
    ends.push(opened.close);
    expect(opened).toMatchObject({
      name: 'simulated',
      facts: { driver: 'smp', ramBytes: 100_000, hz: 1_000_000, ticks: 'instructions' },
      board: expect.anything(),
    });
  });

  it('[MCU-11] finds a benchmark firmware, which is a device and takes no plan', async () => {
    const port = await served(
      (send) => new SimulatedTinyDevice({ model: 'ic01', infer: () => [1], inferenceUs: 10 }, send),
    );
    const { seat } = boardSeat(new FakeBoard(), {
      spec: port,
      open: () => openBoard({ port, driver: 'mlperf-tiny' }, undefined),
    });
    ends.push(() => seat.close());
    expect(await seat.look()).toBe(true);
    expect(seat.report()).toMatchObject({ facts: { mcu: { driver: 'mlperf-tiny', model: 'ic01' } } });
    expect(await (await seat.takeTiny(new AbortController().signal)).name()).toBe('simulated');
    await expect(seat.take(new AbortController().signal)).rejects.toMatchObject({
      code: 'plan.unsupported',
      message: expect.stringContaining('in its firmware'),
      details: { cause: 'user' },
    });
  });

  it('[MCU-12] nobody at the port, and a port that is not there, are told apart', async () => {
    const port = await served(() => ({ receive: () => undefined }));
    await expect(openBoard({ port, driver: 'smp' }, undefined)).rejects.toMatchObject({ code: 'device.no-answer' });
    await expect(openBoard({ port: '/dev/hilltop-none', driver: 'auto' }, undefined)).rejects.toMatchObject({
      code: 'device.offline',
    });
  }, 20_000);

  it('[MCU-11] switches on an emulated Pico with the firmware that ships', async () => {
    const opened = await openBoard({ port: 'emulator:pico', driver: 'smp' }, undefined);
    ends.push(opened.close);
    const report = boardReport(opened, { key: 'emulated-pico', emulated: true, labels: {} });
    expect(report).toMatchObject({
      emulated: true,
      facts: { arch: 'thumbv6m', mcu: { hz: 125_000_000, ticks: 'systick' } },
    });
    await opened.emulator!.restart();
    expect((await opened.board!.info()).board).toBe(opened.name);
  }, 30_000);
});
