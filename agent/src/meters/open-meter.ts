import { keyText, openPort } from '@hilltop/firmware-bridge';
import { httpJson } from './http-json.js';
import { openLpm01a } from './lpm01a.js';
import type { MeterSpec } from './meter-spec.js';
import type { OpenedMeter } from './opened-meter.js';
import { askShelly, askTasmota, plugMeter } from './plug.js';
import { openPpk2 } from './ppk2.js';
import { openSimulated, type SimulatedMeter } from './simulated/open-simulated.js';

/** The nominal rate of an LPM01A; on USB no rate means anything, behind an adapter it does. */
const lpm01aBaud = 3_686_400;

/** Opens the meter that a spec names. Throws `device.offline`, `device.busy`, `device.no-answer`, `device.refused`, `device.protocol`, `request.invalid`. */
export async function openMeter(spec: MeterSpec): Promise<OpenedMeter | SimulatedMeter> {
  if (spec.simulated) return openSimulated(spec.driver);
  if (spec.driver === 'ppk2') return openPpk2(await openPort(spec.at), spec);
  if (spec.driver === 'lpm01a') return openLpm01a(await openPort(spec.at, { baudRate: lpm01aBaud }), spec);
  const json = httpJson({ base: spec.at, ...(spec.credentials && { credentials: spec.credentials }) });
  const ways = await (spec.driver === 'tasmota' ? askTasmota : askShelly)(json, spec);
  const output = spec.output === undefined ? '' : `-${spec.output}`;
  return plugMeter(ways, { key: keyText(`${spec.at.replace(/^https?:\/\//, '')}${output}`) });
}

/** Whether a meter has a synthetic device that is told when it executes. */
export const isSimulated = (meter: OpenedMeter | SimulatedMeter): meter is SimulatedMeter => 'setLoad' in meter;
