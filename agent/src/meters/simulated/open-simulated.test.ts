import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { meterDrivers } from '@hilltop/contracts';
import { openPort } from '@hilltop/firmware-bridge';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { pause } from '../../pause.js';
import { energyOfIntervals, meterLog } from '../../testing/meter-log.js';
import { hostTimer } from '../host-clock.js';
import { openPpk2 } from '../ppk2.js';
import { openSimulated } from './open-simulated.js';
import { SimulatedPpk2 } from './ppk2.js';
import { SyntheticLoad } from './synthetic-load.js';

// Real time, and real processes beside it.
jest.setTimeout(30_000);
const closing: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe('simulated meters of the product', () => {
  it.each(meterDrivers)('[METER-17] %s says that it is simulated, and shows what its device takes', async (driver) => {
    const meter = await openSimulated(driver);
    closing.push(() => meter.close());
    for (const sensor of meter.sensors) expect(sensor).toMatchObject({ driver, simulated: true });
    expect(meter.sensors[0]!.id).toContain('simulated');
    expect(meter.sensors[0]!.label).toBeDefined();
    const log = meterLog();
    await meter.start(log);
    await meter.stop();
    expect(log.power.length + log.readings.length).toBeGreaterThan(0);
    expect(log.faults).toEqual([]);
  });

  it('[METER-16] a PPK2 on a real serial line, at 400 kB/s: every sample is there, energy within 0.5 %', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'hilltop-meter-'));
    closing.push(() => rm(dir, { recursive: true, force: true }));
    const load = new SyntheticLoad({ seed: 7021, idleW: 0.02, keepTruth: true });
    const server = createServer((socket) => {
      const kit = new SimulatedPpk2((bytes) => socket.write(bytes), { load, timer: hostTimer, seed: 7021 });
      socket.on('data', (bytes) => kit.receive(bytes));
      socket.on('close', () => kit.end());
      socket.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close());
    const tty = join(dir, 'tty');
    const socat = spawn('socat', [
      `pty,raw,echo=0,link=${tty}`,
      `tcp:127.0.0.1:${(server.address() as AddressInfo).port}`,
    ]);
    closing.push(() => socat.kill());
    while (
      !(await access(tty).then(
        () => true,
        () => false,
      ))
    )
      await pause(20);
    const meter = await openPpk2(await openPort(tty), { mode: 'source', millivolts: 3300 });
    closing.push(() => meter.close());
    const log = meterLog();
    await meter.start(log);
    const from = hostTimer.now();
    load.setLoad(0.1, from + 200);
    await pause(1500);
    const to = hostTimer.now();
    await meter.stop();
    expect(log.faults).toEqual([]);
    const covered = log.power.filter(({ startMs, endMs }) => startMs >= from && endMs <= to);
    expect(covered.length).toBeGreaterThan(1400);
    const truth = load.energyJ(from, Math.min(to, log.power.at(-1)!.endMs));
    expect(Math.abs(energyOfIntervals(log.power, from, to) / truth - 1)).toBeLessThan(0.005);
  });
});
