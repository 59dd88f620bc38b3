import { describe, expect, it } from '@jest/globals';
import { TinyDevice } from './mlperf-tiny/tiny-device.js';
import { openPort } from './open-port.js';
import type { BytePort } from './port.js';
import { type DeviceDriver, probePort } from './probe.js';
import { SimulatedSmpBoard } from './simulated/simulated-smp-board.js';
import { SimulatedTinyDevice } from './simulated/simulated-tiny-device.js';
import { virtualTimer } from './simulated/virtual-timer.js';
import { openSmpBoard } from './smp/smp-board.js';
import { tcpDevice, wire } from './testing/wire.js';

const tinyOptions = { vendor: 'acme', inferenceUs: 10, infer: () => [0.5, 0.5] };
const smp = () => wire((send) => new SimulatedSmpBoard({}, send));
const tiny = () => wire((send) => new SimulatedTinyDevice(tinyOptions, send));
const silent = () => wire(() => ({ receive: () => undefined }));

describe('probePort', () => {
  it.each<DeviceDriver>(['auto', 'smp'])('finds SMP with %s, and leaves the port to its driver', async (driver) => {
    const { port } = smp();
    expect(await probePort(port, { driver, timer: virtualTimer() })).toEqual({ protocol: 'smp' });
    expect((await (await openSmpBoard(port, { timer: virtualTimer() })).info()).board).toBe('simulated');
  });

  it.each<DeviceDriver>(['auto', 'mlperf-tiny'])(
    'finds a text device with %s, behind what SMP left in its buffer',
    async (driver) => {
      const { port, peer } = tiny();
      expect(await probePort(port, { driver, timer: virtualTimer() })).toEqual({
        protocol: 'mlperf-tiny',
        name: 'acme',
      });
      expect((await new TinyDevice(port, { timer: virtualTimer() }).infer(1, 0)).microseconds).toBe(10);
      expect(peer.crashed).toBe(false);
    },
  );

  it('[MCU-72] takes our firmware for what it is when it was busy and woke only to the question of the text protocol', async () => {
    const { port } = wire((send) => {
      const both = [
        new SimulatedTinyDevice({ ...tinyOptions, vendor: 'hilltop-host' }, send),
        new SimulatedSmpBoard({}, send),
      ] as const;
      let awake = false;
      return {
        receive: (bytes) => {
          awake ||= Buffer.from(bytes).includes('name%');
          if (awake) both[bytes.includes(0x06) ? 1 : 0].receive(bytes);
        },
      };
    });
    expect(await probePort(port, { timer: virtualTimer() })).toEqual({ protocol: 'smp' });
  });

  it('takes a refusal for an answer, as MCUboot gives it', async () => {
    const { port, peer } = smp();
    peer.fault = (request) => (request.group === 0 ? undefined : peer.frame(request, { rc: 8 }));
    expect(await probePort(port, { timer: virtualTimer() })).toEqual({ protocol: 'smp' });
  });

  it.each<[DeviceDriver, () => { readonly port: BytePort }]>([
    ['auto', silent],
    ['smp', tiny],
    ['smp', silent],
    ['mlperf-tiny', silent],
  ])('finds nothing with %s where nothing of it is', async (driver, make) => {
    await expect(probePort(make().port, { driver, timer: virtualTimer() })).rejects.toMatchObject({
      code: 'device.no-answer',
    });
  });

  it('ends when the cable is pulled, or when it is told to', async () => {
    const first = silent();
    const probe = probePort(first.port, { timer: virtualTimer() });
    first.unplug();
    await expect(probe).rejects.toMatchObject({ code: 'device.unplugged' });
    await expect(
      probePort(silent().port, { timer: virtualTimer(), signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
  });

  it('finds both over TCP', async () => {
    const board = await tcpDevice((send) => new SimulatedSmpBoard({}, send));
    const text = await tcpDevice((send) => new SimulatedTinyDevice(tinyOptions, send));
    for (const [device, protocol] of [
      [board, 'smp'],
      [text, 'mlperf-tiny'],
    ] as const) {
      const port = await openPort(device.spec);
      expect(await probePort(port, { timeoutMs: 150 })).toMatchObject({ protocol });
      await port.close();
      await device.close();
    }
  });
});
