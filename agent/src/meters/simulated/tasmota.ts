import type { PlugAnswer, PlugDisplay, SimulatedPlug } from './plug-display.js';
import { rounded } from './plug-display.js';

export interface SimulatedTasmotaOptions {
  readonly display: PlugDisplay;
  /** Decimals of the power, as `WattRes` sets them; Tasmota's own: 0. */
  readonly wattRes?: number;
  readonly credentials?: { readonly user: string; readonly password: string };
  /** Outputs it has; the synthetic device is at the first. */
  readonly outputs?: number;
}

const volts = 230;

/** A plug with Tasmota and its command page `/cm`. */
export function simulatedTasmota(options: SimulatedTasmotaOptions): SimulatedPlug {
  const { display, wattRes = 0, credentials, outputs = 1 } = options;
  const perOutput = (value: number): number | number[] =>
    outputs === 1 ? value : [value, ...new Array<number>(outputs - 1).fill(0)];
  const energy = () => ({
    TotalStartTime: '2024-01-01T00:00:00',
    Total: perOutput(rounded(display.joules / 3.6e6, 3)),
    Yesterday: 0,
    Today: rounded(display.joules / 3.6e6, 3),
    Power: perOutput(rounded(display.watts, wattRes)),
    ApparentPower: perOutput(Math.round(display.watts * 1.2)),
    Factor: 0.83,
    Voltage: volts,
    Current: perOutput(rounded(display.watts / volts, 3)),
  });
  return {
    display,
    respond: (url, _authorization): PlugAnswer => {
      display.refresh();
      const given = url.searchParams;
      if (url.pathname !== '/cm') return { status: 404, body: {} };
      if (credentials && (given.get('user') !== credentials.user || given.get('password') !== credentials.password))
        return { status: 401, body: { WARNING: 'Need user=<username>&password=<password>' } };
      const command = (given.get('cmnd') ?? '').toLowerCase();
      if (command === 'wattres') return { status: 200, body: { WattRes: wattRes } };
      if (command !== 'status 10') return { status: 200, body: { Command: 'Unknown' } };
      const time = new Date(Date.UTC(2024, 0, 1) + display.seconds * 1000).toISOString().slice(0, 19);
      return { status: 200, body: { StatusSNS: { Time: time, ENERGY: energy() } } };
    },
  };
}
