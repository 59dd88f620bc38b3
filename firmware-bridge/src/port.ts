import type { Duplex } from 'node:stream';
import { errorText, LabError } from '@hilltop/contracts';
import type { PortIdentity } from './port-identity.js';

/**
 * Bytes in, bytes out: one shape for a serial line, a socket and an emulator.
 *
 *   serial path ─┐
 *   tcp: unix: ──┼─> Duplex ──> BytePort ──> parsers
 *   emulator ────┘
 */
export interface BytePort {
  readonly identity: PortIdentity;
  /** Resolves when the bytes were handed to the system. Rejects with `device.unplugged` when the port is gone. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Chunks as they arrive; what arrives while nobody listens waits. The answer ends the listening. */
  readonly onData: (listener: (bytes: Uint8Array) => void) => () => void;
  /**
   * Told once when the port is gone, at once if it is already: `device.unplugged`, or undefined when it was closed from here.
   */
  readonly onClose: (listener: (reason: LabError | undefined) => void) => () => void;
  /** Idempotent; never rejects. */
  readonly close: () => Promise<void>;
}

/** How a stream that has its own ways is closed. */
export interface StreamWays {
  readonly isOpen: () => boolean;
  readonly close: () => Promise<void>;
}

/** A duplex stream as a port: an emulator's, a socket's. The port owns the stream from here on. */
export function portOfStream(
  stream: Duplex,
  identity: PortIdentity,
  ways: StreamWays = {
    isOpen: () => !stream.destroyed,
    close: async () => {
      stream.destroy();
    },
  },
): BytePort {
  const data = new Set<(bytes: Uint8Array) => void>();
  const closed = new Set<(reason: LabError | undefined) => void>();
  let ended: { readonly reason: LabError | undefined } | undefined;
  let closing: Promise<void> | undefined;

  const gone = (cause?: unknown): LabError =>
    new LabError(
      'device.unplugged',
      `${identity.name} is gone${cause ? `: ${errorText(cause)}` : ''}; plug it in again`,
      { cause: 'infrastructure', port: identity.key },
      { cause },
    );
  const end = (cause?: unknown): void => {
    if (ended) return;
    ended = { reason: closing ? undefined : gone(cause) };
    const listeners = [...closed];
    closed.clear();
    data.clear();
    for (const listener of listeners) listener(ended.reason);
    void close();
  };
  const close = (): Promise<void> => {
    closing ??= ways
      .close()
      .catch(() => undefined)
      .then(() => end());
    return closing;
  };

  stream.pause();
  stream.on('data', (chunk: Uint8Array) => {
    for (const listener of [...data]) listener(chunk);
  });
  stream.pause();
  // A socket whose other side is done says `end`; a pulled cable is an `error` or a `close`.
  stream.on('error', end);
  stream.on('end', () => end());
  stream.on('close', end);

  return {
    identity,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (ended || closing || !ways.isOpen()) return reject(ended?.reason ?? gone());
        const stopWaiting = onClose((reason) => reject(reason ?? gone()));
        stream.write(bytes, (error) => {
          stopWaiting();
          if (error) reject(gone(error));
          else resolve();
        });
      }),
    onData: (listener) => {
      data.add(listener);
      stream.resume();
      return () => {
        data.delete(listener);
        if (data.size === 0) stream.pause();
      };
    },
    onClose,
    close,
  };

  function onClose(listener: (reason: LabError | undefined) => void): () => void {
    if (ended) {
      const { reason } = ended;
      queueMicrotask(() => listener(reason));
      return () => undefined;
    }
    closed.add(listener);
    return () => closed.delete(listener);
  }
}
