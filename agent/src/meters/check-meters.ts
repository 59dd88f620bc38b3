import { errorText, isLabError } from '@hilltop/contracts';
import { type MeterSpec, meterName } from './meter-spec.js';
import { openMeter } from './open-meter.js';
import type { OpenedMeter } from './opened-meter.js';

/** One line of the check-up: a meter that was named, and what it shows. */
export interface CheckedMeter {
  readonly meter: string;
  readonly device: string;
  readonly watts?: number;
  readonly scope?: string;
  readonly simulated?: boolean;
  readonly why?: string;
  readonly remedy?: string;
}

/** Opens each meter and takes its first value. Never throws. */
export async function checkMeters(specs: readonly MeterSpec[], open = openMeter): Promise<CheckedMeter[]> {
  const out: CheckedMeter[] = [];
  for (const spec of specs) {
    const line = { meter: meterName(spec), device: spec.device, ...(spec.simulated && { simulated: true }) };
    let meter: OpenedMeter | undefined;
    try {
      meter = await open(spec);
      const watts = await firstWatts(meter);
      const scope = meter.sensors[0]?.scope;
      out.push({ ...line, ...(scope && { scope }), ...(watts !== undefined && { watts }) });
    } catch (error) {
      out.push({ ...line, why: errorText(error), remedy: remedyOf(error, spec) });
    } finally {
      await meter?.close();
    }
  }
  return out;
}

async function firstWatts(meter: OpenedMeter): Promise<number | undefined> {
  let watts: number | undefined;
  await meter.start({
    onPower: (_sensor, { meanW }) => {
      watts ??= meanW;
    },
    onReading: (sensor, { value }) => {
      if (sensor === 0) watts ??= value;
    },
    onFault: () => undefined,
  });
  await meter.stop();
  return watts;
}

function remedyOf(error: unknown, { driver, at }: MeterSpec): string {
  if (isLabError(error, 'device.busy')) return 'end the other program; a running agent keeps its meters';
  if (/denied|EACCES/i.test(errorText(error)))
    return 'sudo usermod -aG dialout $USER, then sign in again (on some systems the group is uucp)';
  if (isLabError(error, 'device.refused')) return 'give the credentials of its page: ,user=...,password=...';
  if (driver === 'ppk2' || driver === 'lpm01a')
    return `plug it in; "ls -l /dev/serial/by-id" tells whether ${at} is its port`;
  return `open ${at} in a browser on this machine: is it there, and does it measure power?`;
}

/** The line for people. */
export function checkedMeterText({ meter, device, watts, scope, simulated, why }: CheckedMeter): string {
  if (why !== undefined) return `${meter} (${device}): ${why}`;
  const value = watts === undefined ? 'silent now' : `${Number(watts.toPrecision(4))} W`;
  return `${meter} (${device}): ${value}, ${scope}${simulated ? ', simulated: never a measurement' : ''}`;
}
