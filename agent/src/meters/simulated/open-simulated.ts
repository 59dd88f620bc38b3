import type { MeterDriver } from '@hilltop/contracts';
import { hostTimer } from '../host-clock.js';
import { httpJson } from '../http-json.js';
import { openLpm01a } from '../lpm01a.js';
import type { OpenedMeter } from '../opened-meter.js';
import { askShelly, askTasmota, type PlugWays, plugMeter } from '../plug.js';
import { openPpk2 } from '../ppk2.js';
import { plugIn } from './in-memory-port.js';
import { SimulatedLpm01a } from './lpm01a.js';
import { PlugDisplay, type SimulatedPlug } from './plug-display.js';
import { SimulatedPpk2 } from './ppk2.js';
import { servePlug } from './serve-plug.js';
import { simulatedShelly } from './shelly.js';
import { SyntheticLoad } from './synthetic-load.js';
import { simulatedTasmota } from './tasmota.js';

/** A simulated meter with its synthetic device. */
export interface SimulatedMeter extends OpenedMeter {
  /** Switches the device's load: W on top of idle. */
  readonly setLoad: (watts: number) => void;
  /** The load of a device that executes, W. */
  readonly busyW: number;
}

/** What a device of the size that each meter is made for takes, W. */
const sizes: Readonly<Record<MeterDriver, { readonly idleW: number; readonly busyW: number }>> = {
  ppk2: { idleW: 0.02, busyW: 0.12 },
  lpm01a: { idleW: 0.005, busyW: 0.04 },
  tasmota: { idleW: 3.2, busyW: 4.5 },
  shelly: { idleW: 3.2, busyW: 4.5 },
};
const seed = 20_260;

/** A meter that ships with the product, with a synthetic device whose load is switched: for trying the lab without one. */
export async function openSimulated(driver: MeterDriver): Promise<SimulatedMeter> {
  const { idleW, busyW } = sizes[driver];
  const timer = hostTimer;
  const load = new SyntheticLoad({ seed, idleW });
  const meter = await openers[driver](load);
  return { ...meter, busyW, setLoad: (watts) => load.setLoad(watts, timer.now()) };
}

const name = (driver: MeterDriver): string => `simulated-${driver}`;
const simulated = { simulated: true } as const;

const openers: Readonly<Record<MeterDriver, (load: SyntheticLoad) => Promise<OpenedMeter>>> = {
  ppk2: (load) => {
    const { port } = plugIn(name('ppk2'), (send) => new SimulatedPpk2(send, { load, timer: hostTimer, seed }));
    return openPpk2(port, { ...simulated, mode: 'source', millivolts: 3300 });
  },
  lpm01a: (load) => {
    const { port } = plugIn(name('lpm01a'), (send) => new SimulatedLpm01a(send, { load, timer: hostTimer }));
    return openLpm01a(port, { ...simulated, millivolts: 3300 });
  },
  tasmota: (load) =>
    overHttp('tasmota', simulatedTasmota({ display: new PlugDisplay(load, hostTimer), wattRes: 2 }), askTasmota),
  shelly: (load) => overHttp('shelly', simulatedShelly({ display: new PlugDisplay(load, hostTimer) }), askShelly),
};

/** A plug's page on loopback, asked as a real one is. */
async function overHttp(
  driver: MeterDriver,
  plug: SimulatedPlug,
  ways: (json: ReturnType<typeof httpJson>, options: object) => Promise<PlugWays>,
): Promise<OpenedMeter> {
  const server = await servePlug(plug);
  const meter = plugMeter(await ways(httpJson({ base: server.url }), {}), { key: name(driver), ...simulated });
  return {
    ...meter,
    close: async () => {
      await meter.close();
      await server.close();
    },
  };
}
