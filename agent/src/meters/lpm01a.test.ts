import { afterEach, describe, expect, it } from '@jest/globals';
import { meterLog } from '../testing/meter-log.js';
import { type VirtualTime, virtualTime } from '../testing/virtual-time.js';
import { type Lpm01aOptions, Lpm01aSamples, openLpm01a } from './lpm01a.js';
import { type PluggedIn, plugIn } from './simulated/in-memory-port.js';
import { SimulatedLpm01a } from './simulated/lpm01a.js';
import { SyntheticLoad } from './simulated/synthetic-load.js';

let timer: VirtualTime;
let load: SyntheticLoad;
let shield: PluggedIn<SimulatedLpm01a>;
let said: string[];
afterEach(() => shield?.instrument.end());

const plug = (drift = 0): void => {
  timer = virtualTime();
  said = [];
  load = new SyntheticLoad({ seed: 3, idleW: 0.01, keepTruth: true });
  shield = plugIn('shield', (send) => new SimulatedLpm01a(send, { load, timer, drift }));
  const { instrument } = shield;
  const receive = instrument.receive.bind(instrument);
  instrument.receive = (bytes) => {
    said.push(Buffer.from(bytes).toString('latin1').trim());
    receive(bytes);
  };
};
const running = async (options: Lpm01aOptions = {}, drift = 0) => {
  plug(drift);
  const opening = openLpm01a(shield.port, { ...options, timer });
  await timer.pass(50);
  const meter = await opening;
  const log = meterLog();
  const started = meter.start(log);
  await timer.pass(1500);
  await started;
  return { meter, log };
};
const codes = ({ faults }: ReturnType<typeof meterLog>): string[] => faults.map(({ code }) => code);

describe('an LPM01A', () => {
  it('[METER-9] is driven as MLPerf Tiny drives it: energy of each millisecond, whatever the voltage is set to', async () => {
    const { meter, log } = await running();
    expect(said).toEqual([
      'stop',
      'htc',
      'acqtime inf',
      'trigdelay 0',
      'trigsrc sw',
      'acqmode dyn',
      'output energy',
      'format ascii_dec',
      'freq 1k',
      'pwr on nostatus',
      'start',
    ]);
    expect(log.power.length).toBeGreaterThan(1000);
    for (const { meanW } of log.power) expect(Math.abs(meanW / 0.01 - 1)).toBeLessThan(0.1);
    expect(meter.sensors[0]).toMatchObject({
      id: 'lpm01a/shield',
      scope: 'dut-vdd',
      total: true,
      uncertainty: { source: expect.stringContaining('UM2243') },
    });
    const closing = meter.close();
    await timer.pass(500);
    await closing;
    // The supply stays on: the device may be in use.
    expect(said.slice(-2)).toEqual(['stop', 'hrc']);
  });

  it.each(['ascii', 'binary'] as const)(
    '[METER-9] its own time tells of samples that never came (%s)',
    async (format) => {
      const { log } = await running({ format, millivolts: 1800 });
      expect(said).toContain('volt 1800m');
      await timer.pass(2000);
      expect(codes(log)).toEqual([]);
      shield.instrument.loseSamples(40);
      await timer.pass(2500);
      expect(codes(log)).toEqual(['meter.samples-lost']);
      // What follows keeps its time: the newest interval ends about now.
      expect(timer.now() - log.power.at(-1)!.endMs).toBeLessThan(12);
    },
  );

  it('[METER-9] tells of an overcurrent, of a full buffer and of a supply that went off', async () => {
    const { log } = await running();
    load.setLoad(0.4, timer.now());
    await timer.pass(100);
    expect(codes(log)).toEqual(['meter.over-range']);
    shield.instrument.bufferPercent = 100;
    await timer.pass(1100);
    expect(codes(log)).toEqual(['meter.over-range', 'meter.samples-lost']);
    const told: string[] = [];
    const samples = new Lpm01aSamples({
      power: () => undefined,
      missing: () => undefined,
      fault: (code) => told.push(code),
    });
    for (const kind of ['power-down', 'end'] as const) samples.take({ kind });
    samples.take({ kind: 'error', text: 'bad' });
    expect(told).toEqual(['meter.supply-lost', 'meter.samples-lost', 'meter.no-answer']);
  });

  it('[METER-7] notices a clock that drifts', async () => {
    const { log } = await running({}, 2000e-6);
    await timer.pass(12_000);
    expect(codes(log)).toContain('meter.clock-drift');
  });

  it('[METER-14] an unplugged one is a fatal fault', async () => {
    const { log } = await running();
    shield.unplug();
    expect(log.faults).toMatchObject([{ code: 'meter.unplugged', fatal: true }]);
  });

  it('[METER-13] one that refuses says what, one that is silent that it is', async () => {
    plug();
    shield.instrument.receive = () => undefined;
    const silent = openLpm01a(shield.port, { timer });
    silent.catch(() => undefined);
    await timer.pass(20_000);
    await expect(silent).rejects.toMatchObject({ code: 'device.no-answer' });
    timer = virtualTime();
    const grumpy = plugIn('grumpy', (send) => ({
      receive: (bytes) =>
        send(Buffer.from(Buffer.from(bytes).includes('freq') ? 'error freq\r\n' : `ack ${Buffer.from(bytes)}`)),
      end: () => undefined,
    }));
    const refused = openLpm01a(grumpy.port, { timer });
    refused.catch(() => undefined);
    await timer.pass(100);
    await expect(refused).rejects.toMatchObject({
      code: 'device.refused',
      message: expect.stringContaining('freq 1k'),
    });
    await expect(openLpm01a(grumpy.port, { timer, millivolts: 5000 })).rejects.toMatchObject({
      code: 'request.invalid',
    });
  });
});
