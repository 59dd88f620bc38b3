import { mulberry32 } from '@hilltop/contracts';
import { describe, expect, it, jest } from '@jest/globals';
import { energyOfIntervals, energyOfReadings, meterLog } from '../testing/meter-log.js';
import { fetchOf } from '../testing/plug-fetch.js';
import { virtualTime } from '../testing/virtual-time.js';
import { httpJson } from './http-json.js';
import { openLpm01a } from './lpm01a.js';
import { askShelly, askTasmota, plugMeter } from './plug.js';
import { openPpk2 } from './ppk2.js';
import { plugIn } from './simulated/in-memory-port.js';
import { SimulatedLpm01a } from './simulated/lpm01a.js';
import { PlugDisplay } from './simulated/plug-display.js';
import { SimulatedPpk2 } from './simulated/ppk2.js';
import { simulatedShelly } from './simulated/shelly.js';
import { SyntheticLoad } from './simulated/synthetic-load.js';
import { simulatedTasmota } from './simulated/tasmota.js';

/** Not one of them was looked at while anything was tuned: that was done with seeds below 100. */
const firstSeed = Number(process.env['METER_SEED'] ?? 7001);
const seeds = Array.from({ length: 20 }, (_, i) => firstSeed + i);
jest.setTimeout(60_000);
const limit = 0.005;
const report = (what: string, errors: readonly number[]): void => {
  if (process.env['METER_REPORT'])
    process.stderr.write(`${what}: worst ${(100 * Math.max(...errors)).toFixed(3)} % of ${errors.length}\n`);
};

describe('energy of simulated meters against what was truly taken', () => {
  it('[METER-16] PPK2: within 0.5 % on 20 seeds, all ranges, a clock 60 ppm off, jitter of the line', async () => {
    const errors: number[] = [];
    for (const seed of seeds) {
      const random = mulberry32(seed);
      const timer = virtualTime();
      // From 30 uW (the lowest range) to 0.3 W (the highest) on the whole.
      const idleW = 10 ** (-4.5 + 2.5 * random());
      const loadW = 10 ** (-2 + 1.5 * random());
      const load = new SyntheticLoad({ seed, idleW, keepTruth: true });
      const drift = 60e-6 * (2 * random() - 1);
      const { port } = plugIn('p', (send) => new SimulatedPpk2(send, { load, timer, seed, drift, jitterMs: 1 }));
      const opening = openPpk2(port, { mode: 'source', millivolts: 3000, timer });
      await timer.pass(200);
      const meter = await opening;
      const log = meterLog();
      const started = meter.start(log);
      await timer.pass(500);
      await started;
      const onMs = timer.now() + 300 + 3 * random();
      // The load comes on in the middle of the window, and goes.
      for (let i = 0; i < 8; i++) load.setLoad(i % 2 === 0 ? loadW : 0, onMs + 150 * i);
      const [from, to] = [onMs - 200, onMs + 1500];
      await timer.pass(1850);
      const stopping = meter.stop();
      await timer.pass(100);
      await stopping;
      const truth = load.energyJ(from, to);
      errors.push(Math.abs(energyOfIntervals(log.power, from, to) / truth - 1));
      expect(log.faults).toEqual([]);
    }
    report('ppk2', errors);
    expect(Math.max(...errors)).toBeLessThan(limit);
  });

  it.each(['ascii', 'binary'] as const)('[METER-16] LPM01A in %s: within 0.5 % on 20 seeds', async (format) => {
    const errors: number[] = [];
    for (const seed of seeds) {
      const random = mulberry32(seed);
      const timer = virtualTime();
      const load = new SyntheticLoad({ seed, idleW: 10 ** (-5 + 2 * random()), keepTruth: true });
      const loadW = 10 ** (-3 + 2 * random());
      const drift = 60e-6 * (2 * random() - 1);
      const { port } = plugIn('l', (send) => new SimulatedLpm01a(send, { load, timer, drift }));
      const opening = openLpm01a(port, { millivolts: 3000, format, timer });
      await timer.pass(50);
      const meter = await opening;
      const log = meterLog();
      const started = meter.start(log);
      await timer.pass(2000);
      await started;
      const onMs = timer.now() + 3 * random();
      load.setLoad(loadW, onMs);
      load.setLoad(0, onMs + 4000);
      await timer.pass(4500);
      const stopping = meter.stop();
      await timer.pass(400);
      await stopping;
      const [from, to] = [onMs - 200, onMs + 4200];
      errors.push(Math.abs(energyOfIntervals(log.power, from, to) / load.energyJ(from, to) - 1));
      expect(log.faults).toEqual([]);
    }
    report(`lpm01a ${format}`, errors);
    expect(Math.max(...errors)).toBeLessThan(limit);
  });

  it.each([
    ['tasmota', (display: PlugDisplay) => simulatedTasmota({ display, wattRes: 2 }), askTasmota],
    ['shelly 2', (display: PlugDisplay) => simulatedShelly({ display }), askShelly],
    ['shelly 1', (display: PlugDisplay) => simulatedShelly({ display, generation: 1 }), askShelly],
  ] as const)('[METER-16] %s: within 0.5 % on 20 seeds over 300 s of a steady load', async (name, make, ways) => {
    const errors: number[] = [];
    const counted: number[] = [];
    for (const seed of seeds) {
      const random = mulberry32(seed);
      const timer = virtualTime();
      const load = new SyntheticLoad({ seed, idleW: 2 + 3 * random(), keepTruth: true });
      const plug = make(new PlugDisplay(load, timer));
      const json = httpJson({ base: 'http://plug', fetch: fetchOf(plug) });
      const meter = plugMeter(await ways(json, {}), { key: 'plug', timer, random });
      const log = meterLog();
      await meter.start(log);
      await timer.pass(5000);
      load.setLoad(2 + 8 * random(), timer.now());
      await timer.pass(3000 + 1000 * random());
      const from = timer.now();
      await timer.pass(300_000);
      const to = timer.now();
      await timer.pass(3000);
      await meter.stop();
      const truth = load.energyJ(from, to);
      const watts = log.readings.filter(({ sensor }) => sensor === 0);
      errors.push(Math.abs(energyOfReadings(watts, from, to) / truth - 1));
      const joules = log.readings.filter(({ sensor }) => sensor === 1);
      const first = joules.find(({ afterMs }) => afterMs >= from)!;
      const last = joules.findLast(({ beforeMs }) => beforeMs <= to)!;
      counted.push(Math.abs(last.value - first.value - load.energyJ(first.afterMs, last.afterMs)));
      expect(log.faults).toEqual([]);
    }
    report(name, errors);
    expect(Math.max(...errors)).toBeLessThan(limit);
    // A counter is as far off as its step and the plug's last second.
    expect(Math.max(...counted)).toBeLessThan({ tasmota: 3600, 'shelly 2': 3.6, 'shelly 1': 60 }[name] + 2 * 15);
  });
});
