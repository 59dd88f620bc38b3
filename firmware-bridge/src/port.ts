import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { errorText, LabError } from '@hilltop/contracts';
import { SerialPort } from 'serialport';

/** Bytes in, bytes out: one shape for a serial line, a socket and an emulator. */
export interface BytePort {
  /** `/dev/ttyACM0`, `localhost:3333` … for messages. */
  readonly name: string;
  /** Yields chunks as they arrive; ends when the other side goes. */
  readonly readable: AsyncIterable<Uint8Array>;
  /** Resolves when the bytes were handed to the system. Rejects with `device.offline`. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly close: () => Promise<void>;
}

const openTimeoutMs = 10_000;

/**
 * Opens a serial port exclusively (the driver locks it: two talkers would garble each other). Throws
 * `device.offline` when it is not there, `device.busy` when somebody has it.
 */
export async function openSerialPort(path: string, options: { baudRate?: number } = {}): Promise<BytePort> {
  const port = new SerialPort({ path, baudRate: options.baudRate ?? 115_200, lock: true, autoOpen: false });
  await new Promise<void>((resolve, reject) =>
    port.open((error) => (error ? reject(openError(path, error)) : resolve())),
  );
  return bytePort(path, port, () => new Promise((resolve) => (port.isOpen ? port.close(() => resolve()) : resolve())));
}

/** Opens a TCP connection to a serial server or an emulator. Throws `device.offline`. */
export async function openSocketPort(host: string, port: number): Promise<BytePort> {
  const name = `${host}:${port}`;
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(openTimeoutMs) });
  } catch (error) {
    socket.destroy();
    throw openError(name, error);
  }
  socket.setNoDelay(true);
  return bytePort(name, socket, async () => {
    if (socket.destroyed) return;
    const closed = once(socket, 'close');
    socket.destroy();
    await closed;
  });
}

function bytePort(name: string, stream: Duplex, close: () => Promise<void>): BytePort {
  // A broken line ends `readable` and fails `write`; without a listener it would end the process.
  stream.on('error', () => undefined);
  return {
    name,
    readable: chunks(stream),
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) =>
          error
            ? reject(new LabError('device.offline', `${name} does not take bytes any more: ${error.message}`))
            : resolve(),
        );
      }),
    close,
  };
}

async function* chunks(stream: Duplex): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    // Closing on our side looks like a broken stream to the reader: it is just the end.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE')
      throw new LabError('device.offline', errorText(error), {}, { cause: error });
  }
}

function openError(name: string, error: unknown): LabError {
  const text = errorText(error);
  if (/cannot lock|busy|EBUSY|temporarily unavailable/i.test(text))
    return new LabError('device.busy', `${name} is in use by another program`);
  const remedy = /denied|EACCES/i.test(text) ? '; add this user to the group that owns it (usually dialout)' : '';
  return new LabError('device.offline', `${name} cannot be opened: ${text}${remedy}`);
}
