import { afterEach, describe, expect, it } from '@jest/globals';
import { energyOfIntervals, meterLog } from '../testing/meter-log.js';
import { type VirtualTime, virtualTime } from '../testing/virtual-time.js';
import { openPpk2, type Ppk2Options } from './ppk2.js';
import { type PluggedIn, plugIn } from './simulated/in-memory-port.js';
import { SimulatedPpk2, type SimulatedPpk2Options } from './simulated/ppk2.js';
import { SyntheticLoad } from './simulated/synthetic-load.js';

let timer: VirtualTime;
let load: SyntheticLoad;
let kit: PluggedIn<SimulatedPpk2>;
afterEach(() => kit?.instrument.end());

const plug = (over: Partial<SimulatedPpk2Options> = {}): void => {
  timer = virtualTime();
  load = new SyntheticLoad({ seed: 11, idleW: 0.05, keepTruth: true });
  kit = plugIn('kit', (send) => new SimulatedPpk2(send, { load, timer, seed: 11, ...over }));
};
const open = async (options: Ppk2Options = { mode: 'source', millivolts: 3000 }) => {
  const opening = openPpk2(kit.port, { ...options, timer });
  opening.catch(() => undefined);
  await timer.pass(200);
  return opening;
};
const running = async (over: Partial<SimulatedPpk2Options> = {}) => {
  plug(over);
  const meter = await open();
  const log = meterLog();
  const started = meter.start(log);
  await timer.pass(400);
  await started;
  return { meter, log };
};

describe('openPpk2', () => {
  it('[METER-13] sets mode and voltage as it is told and switches the supply on', async () => {
    plug();
    const meter = await open({ mode: 'source', millivolts: 1800 });
    expect(kit.instrument).toMatchObject({ mode: 2, millivolts: 1800, powered: true });
    expect(meter.sensors).toEqual([
      expect.objectContaining({
        id: 'ppk2/kit',
        driver: 'ppk2',
        quantity: 'power',
        scope: 'dut-vdd',
        kind: 'averaged',
        total: true,
        label: 'source, 1800 mV',
        uncertainty: { gain: expect.closeTo(0.115, 3), offset: 1e-6, source: expect.stringContaining('Nordic') },
      }),
    ]);
    expect(meter.sensors[0]).not.toHaveProperty('simulated');
    await meter.close();
    expect(kit.instrument.powered).toBe(true);
  });

  it('[METER-13] leaves the voltage as it is set where nobody says one; in ampere mode somebody has to', async () => {
    plug();
    kit.instrument.millivolts = 2700;
    await open({});
    expect(kit.instrument).toMatchObject({ mode: 2, millivolts: 2700 });
    plug();
    await expect(open({ mode: 'ampere' })).rejects.toMatchObject({
      code: 'request.invalid',
      message: expect.stringContaining('mv=3300'),
    });
    plug();
    await open({ mode: 'ampere', millivolts: 4200 });
    expect(kit.instrument).toMatchObject({ mode: 1, millivolts: 3300, powered: true });
  });

  it('[METER-13] stops what still measures before it asks', async () => {
    plug();
    kit.instrument.receive(Uint8Array.of(0x06));
    await timer.pass(50);
    expect((await open()).sensors).toHaveLength(1);
  });

  it('[METER-13] says so when nothing answers, and closes the port', async () => {
    timer = virtualTime();
    const mute = plugIn('mute', () => ({ receive: () => undefined, end: () => undefined }));
    const opening = openPpk2(mute.port, { timer });
    opening.catch(() => undefined);
    await timer.pass(10_000);
    await expect(opening).rejects.toMatchObject({
      code: 'device.no-answer',
      message: expect.stringContaining('two ports'),
    });
    await expect(mute.port.write(Uint8Array.of(1))).rejects.toMatchObject({ code: 'device.unplugged' });
  });
});

describe('a PPK2 that measures', () => {
  it('[METER-3] gives a mean a millisecond, one after the other, on the clock of the host', async () => {
    const { meter, log } = await running();
    await timer.pass(1000);
    const now = timer.now();
    const stopping = meter.stop();
    await timer.pass(400);
    await stopping;
    for (const [i, { startMs, endMs, minW, meanW, maxW }] of log.power.entries()) {
      if (i > 0) expect(startMs).toBe(log.power[i - 1]!.endMs);
      expect(endMs - startMs).toBeGreaterThan(0.85);
      expect(minW <= meanW && meanW <= maxW).toBe(true);
    }
    expect(log.power.at(-1)!.endMs).toBeGreaterThanOrEqual(now);
    expect(meter.clockMs()).toBeLessThan(0.5);
    const told = log.power.length;
    await timer.pass(500);
    expect(log.power).toHaveLength(told);
  });

  it('[METER-6] once it has stopped nothing is under way any more', async () => {
    const { meter } = await running({ jitterMs: 8 });
    let late = 0;
    const stopped = meter.stop().then(() => {
      kit.port.onData((bytes) => {
        late += bytes.length;
      });
    });
    await timer.pass(500);
    await stopped;
    expect(late).toBe(0);
  });

  it('[METER-6] a second start has the times of its own', async () => {
    const { meter } = await running({ jitterMs: 8 });
    const log = meterLog();
    // At once: some of the first is still under way.
    const started = meter.stop().then(() => meter.start(log));
    await timer.pass(1500);
    await started;
    load.setLoad(0.2, timer.now() + 100);
    await timer.pass(400);
    const edge = log.power.find(({ meanW }) => meanW > 0.15)!;
    expect(Math.abs(edge.startMs - (timer.now() - 300))).toBeLessThan(1.5);
    expect(log.faults).toEqual([]);
  });

  it('[METER-4] a few lost samples are no matter, more than 5 ms of them within a second are a fault', async () => {
    const { log } = await running();
    kit.instrument.loseSamples(40);
    await timer.pass(1500);
    expect(log.faults).toEqual([]);
    for (let i = 0; i < 12; i++) {
      kit.instrument.loseSamples(50);
      await timer.pass(20);
    }
    expect(log.faults).toEqual([
      {
        code: 'meter.samples-lost',
        message: expect.stringContaining('samples'),
        fatal: false,
        atMs: expect.any(Number),
      },
    ]);
  });

  it('[METER-7] notices whole rounds of the counter that are missing', async () => {
    const { log } = await running();
    await timer.pass(3000);
    const lostAt = timer.now();
    kit.instrument.loseSamples(64 * 20);
    await timer.pass(4000);
    expect(log.faults.map(({ code }) => code)).toEqual(['meter.samples-lost']);
    // Found out later: everything since it was last sure is in doubt.
    expect(log.faults[0]!.sinceMs).toBeLessThanOrEqual(lostAt);
    expect(log.faults[0]!.atMs).toBeGreaterThan(lostAt);
    const [from, to] = [timer.now() - 900, timer.now() - 100];
    expect(energyOfIntervals(log.power, from, to) / load.energyJ(from, to)).toBeCloseTo(1, 2);
  });

  it('[METER-7] tells the doubt of whole rounds that are missing also where it stops before it can be sure', async () => {
    const { meter, log } = await running();
    await timer.pass(3000);
    const lostAt = timer.now();
    kit.instrument.loseSamples(64 * 20);
    await timer.pass(1200);
    expect(log.faults).toEqual([]);
    const stopping = meter.stop();
    await timer.pass(400);
    await stopping;
    expect(log.faults.map(({ code }) => code)).toEqual(['meter.samples-lost']);
    expect(log.faults[0]!.sinceMs).toBeLessThanOrEqual(lostAt);
  });

  it('[METER-7] has no doubt where nothing was lost', async () => {
    const { meter, log } = await running({ jitterMs: 3 });
    await timer.pass(3700);
    const stopping = meter.stop();
    await timer.pass(400);
    await stopping;
    expect(log.faults).toEqual([]);
  });

  it('[METER-4] notices bytes that are missing and reads on', async () => {
    const { log } = await running();
    kit.instrument.loseBytes(2049);
    await timer.pass(3000);
    expect(log.faults.map(({ code }) => code)).toContain('meter.samples-lost');
    const last = log.power.slice(-200);
    for (const { meanW } of last) expect(Math.abs(meanW / 0.05 - 1)).toBeLessThan(0.2);
  });

  it('[METER-7] notices a clock that drifts, and its energies stay right', async () => {
    const { log } = await running({ drift: 1500e-6, jitterMs: 0.5 });
    await timer.pass(12_000);
    expect(new Set(log.faults.map(({ code }) => code))).toEqual(new Set(['meter.clock-drift']));
    const [from, to] = [timer.now() - 3000, timer.now() - 200];
    expect(energyOfIntervals(log.power, from, to) / load.energyJ(from, to)).toBeCloseTo(1, 2);
  });

  it('[METER-5] notices more than it can measure', async () => {
    const { log } = await running();
    load.setLoad(4, timer.now());
    await timer.pass(50);
    expect(log.faults.map(({ code }) => code)).toEqual(['meter.over-range']);
  });

  it('[METER-1] says at each start that it holds no calibration', async () => {
    const { log, meter } = await running({ uncalibrated: true });
    expect(log.faults.map(({ code }) => code)).toEqual(['meter.not-calibrated']);
    expect(meter.sensors[0]!.uncertainty!.source).toContain('no calibration');
  });

  it('[METER-14] an unplugged one is a fatal fault and tells whoever holds it', async () => {
    const { log, meter } = await running();
    const closed = new Promise((resolve) => meter.onClose(resolve));
    kit.unplug();
    expect(log.faults).toEqual([
      { code: 'meter.unplugged', message: expect.any(String), fatal: true, atMs: timer.now() },
    ]);
    expect(await closed).toMatchObject({ code: 'device.unplugged' });
    const stopping = meter.stop();
    await timer.pass(400);
    await stopping;
  });

  it('[METER-13] one that gives no samples does not start', async () => {
    plug();
    const meter = await open();
    kit.instrument.receive = () => undefined;
    const starting = meter.start(meterLog());
    starting.catch(() => undefined);
    await timer.pass(6000);
    await expect(starting).rejects.toMatchObject({ code: 'device.no-answer' });
  });
});
