import { once } from 'node:events';
import { connect, type NetConnectOpts } from 'node:net';
import { errorText, LabError } from '@hilltop/contracts';
import { SerialPort } from 'serialport';
import { openEmulator } from './emulator/open-emulator.js';
import { noticeHangUp } from './hang-up.js';
import { listPorts } from './list-ports.js';
import { type BytePort, portOfStream } from './port.js';
import { keyText, portIdentities, portIdentity } from './port-identity.js';

const openTimeoutMs = 10_000;
const usualBaudRate = 115_200;

export interface OpenPortOptions {
  /** For serial paths. */
  readonly baudRate?: number;
}

/**
 * Opens `tcp:HOST:PORT`, `unix:PATH`, `emulator:pico` or the path of a serial port. Throws `device.offline` when it is not there,
 * `device.busy` when somebody has it, `usage.invalid` for a spec that names nothing. An emulated board is switched on here and off
 * when the port is closed.
 */
export async function openPort(spec: string, options: OpenPortOptions = {}): Promise<BytePort> {
  if (spec.startsWith('emulator:')) return (await openEmulator(spec.slice('emulator:'.length))).port;
  const tcp = /^tcp:(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(spec);
  if (tcp) return openSocketPort(spec, { host: (tcp[1] ?? tcp[2])!, port: Number(tcp[3]) });
  if (spec.startsWith('unix:')) return openSocketPort(spec, { path: spec.slice('unix:'.length) });
  if (spec === '' || /^tcp:/.test(spec))
    throw new LabError(
      'usage.invalid',
      `"${spec}" is no port; write /dev/ttyACM0, tcp:HOST:PORT, unix:PATH or emulator:pico`,
    );
  return openSerialPort(spec, options);
}

/** Opens a serial port exclusively (the driver locks it: two talkers would garble each other). */
async function openSerialPort(path: string, options: OpenPortOptions): Promise<BytePort> {
  const port = new SerialPort({
    path,
    baudRate: options.baudRate ?? usualBaudRate,
    lock: true,
    autoOpen: false,
  });
  await new Promise<void>((resolve, reject) =>
    port.open((error) => (error ? reject(openError(path, error)) : resolve())),
  );
  noticeHangUp(port);
  const { ports } = await listPorts();
  const identity = portIdentities(ports).find((p) => p.name === path) ?? portIdentity({ path });
  return portOfStream(port, identity, {
    isOpen: () => port.isOpen,
    close: () => new Promise((resolve) => (port.isOpen ? port.close(() => resolve()) : resolve())),
  });
}

async function openSocketPort(spec: string, address: NetConnectOpts): Promise<BytePort> {
  const socket = connect(address);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(openTimeoutMs) });
  } catch (error) {
    socket.destroy();
    throw openError(spec, error);
  }
  socket.setNoDelay(true);
  return portOfStream(socket, { key: keyText(spec), name: spec });
}

function openError(name: string, error: unknown): LabError {
  // The driver's way: "Error: No such file or directory, cannot open /dev/ttyACM0".
  const text = errorText(error)
    .replace(/^Error: /, '')
    .replace(`, cannot open ${name}`, '');
  if (/cannot lock|busy|EBUSY|temporarily unavailable/i.test(text))
    return new LabError('device.busy', `${name} is in use by another program`);
  const remedies: ReadonlyArray<readonly [RegExp, string]> = [
    [/denied|EACCES/i, '; add this user to the group that owns it (usually dialout)'],
    [/no such file/i, '; plug it in, or name another ("hilltop doctor" lists them)'],
    [/ECONNREFUSED|ENOENT/, '; start what should listen there'],
  ];
  const remedy = remedies.find(([pattern]) => pattern.test(text))?.[1] ?? '';
  return new LabError('device.offline', `${name} cannot be opened: ${text}${remedy}`);
}
