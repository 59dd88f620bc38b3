import { isLabError, LabError } from '@hilltop/contracts';
import * as z from 'zod';
import { TinyDevice } from './mlperf-tiny/tiny-device.js';
import type { BytePort } from './port.js';
import { osGroup } from './smp/os-group.js';
import { SmpClient } from './smp/smp-client.js';
import type { Timer } from './timer.js';

export const deviceProtocols = ['smp', 'mlperf-tiny'] as const;
export type DeviceProtocol = (typeof deviceProtocols)[number];
export const deviceDrivers = ['auto', ...deviceProtocols] as const;
export type DeviceDriver = (typeof deviceDrivers)[number];

export type Probed =
  | { readonly protocol: 'smp' }
  /** With the name the device gives itself. */
  | { readonly protocol: 'mlperf-tiny'; readonly name: string };

export interface ProbeOptions {
  readonly driver?: DeviceDriver;
  /** For each question. */
  readonly timeoutMs?: number;
  readonly timer?: Timer;
  readonly signal?: AbortSignal;
}

/** A board that is just starting, or an emulator on a loaded machine, needs its time. */
const defaultTimeoutMs = 1500;

/** What our firmware calls itself in the text protocol: it speaks both. */
const ownName = /^hilltop-/;

/**
 * Finds which protocol answers on a port, and leaves the port open for its driver. SMP is asked first: its lines have no `%`, so a text
 * device only keeps them in its buffer, where `name%` clears them; asked the other way round, `name%` would stay in a shell.
 * Our own firmware that was busy until then, and says its name, is asked for SMP again. Throws `device.no-answer` when nothing answers,
 * `device.unplugged` when the port goes.
 */
export async function probePort(port: BytePort, options: ProbeOptions = {}): Promise<Probed> {
  const driver = options.driver ?? 'auto';
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  if (driver !== 'mlperf-tiny' && (await answersSmp(port, timeoutMs, options))) return { protocol: 'smp' };
  if (driver !== 'smp') {
    const name = await textName(port, timeoutMs, options);
    if (name !== undefined) {
      const awake = driver === 'auto' && ownName.test(name) && (await answersSmp(port, timeoutMs, options));
      return awake ? { protocol: 'smp' } : { protocol: 'mlperf-tiny', name };
    }
  }
  throw new LabError(
    'device.no-answer',
    `nothing on ${port.identity.name} answers ${driver === 'auto' ? 'SMP or the MLPerf Tiny protocol' : driver}; check firmware, wiring and baud rate`,
    { cause: 'device' },
  );
}

/** The name a text device gives itself; undefined where none answers. */
async function textName(port: BytePort, timeoutMs: number, options: ProbeOptions): Promise<string | undefined> {
  const device = new TinyDevice(port, { timeoutMs, ...(options.timer && { timer: options.timer }) });
  try {
    return await device.name({ signal: options.signal });
  } catch (error) {
    const silent = ['device.no-answer', 'device.refused', 'device.protocol'] as const;
    if (silent.some((code) => isLabError(error, code))) return undefined;
    throw error;
  } finally {
    device.detach();
  }
}

/** A refusal is an answer too: MCUboot has no echo, but a list of images. */
async function answersSmp(port: BytePort, timeoutMs: number, options: ProbeOptions): Promise<boolean> {
  const client = new SmpClient(port, { timeoutMs, attempts: 2, ...(options.timer && { timer: options.timer }) });
  const questions = [
    () => osGroup.echo(client, 'hilltop', { signal: options.signal }),
    () =>
      client.request({
        what: 'the state of its images',
        operation: 'read',
        group: 1,
        command: 0,
        payload: {},
        answer: z.object({}),
        attempts: 1,
        signal: options.signal,
      }),
  ];
  try {
    for (const ask of questions) {
      try {
        await ask();
        return true;
      } catch (error) {
        if (isLabError(error, 'device.refused') || isLabError(error, 'device.protocol')) return true;
        if (!isLabError(error, 'device.no-answer')) throw error;
      }
    }
    return false;
  } finally {
    client.detach();
  }
}
