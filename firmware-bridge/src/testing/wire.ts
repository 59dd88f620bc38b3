import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type BytePort, portOfStream } from '../port.js';

/** Something that takes and gives bytes: a simulated device. */
export interface Peer {
  receive(bytes: Uint8Array): void;
}

export interface Wired<P extends Peer> {
  readonly port: BytePort;
  readonly peer: P;
  /** Pulls the cable. */
  readonly unplug: () => void;
}

/** A way for bytes to the device that may change, hold back or cut them. */
export type Way = (bytes: Uint8Array, deliver: (bytes: Uint8Array) => void, unplug: () => void) => void;

/** A port in memory with a device behind it, already plugged in. */
export function wire<P extends Peer>(
  make: (send: (bytes: Uint8Array) => void) => P,
  ways: { readonly out?: Way; readonly back?: Way } = {},
): Wired<P> {
  const straight: Way = (bytes, deliver) => deliver(bytes);
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      (ways.out ?? straight)(chunk, (bytes) => peer.receive(bytes), unplug);
      done();
    },
  });
  const unplug = (): void => {
    stream.destroy(new Error('the cable was pulled'));
  };
  const peer = make((bytes) =>
    (ways.back ?? straight)(
      bytes,
      (delivered) => {
        if (!stream.destroyed) stream.push(delivered);
      },
      unplug,
    ),
  );
  return { port: portOfStream(stream, { key: 'wire', name: 'wire' }), peer, unplug };
}

export interface TcpDevice<P extends Peer> {
  readonly spec: string;
  readonly peer: P;
  /** Ends the connection that is there. */
  readonly cut: () => void;
  readonly close: () => Promise<void>;
}

/** A device behind a TCP port on loopback: one connection at a time, its state outlives connections. */
export async function tcpDevice<P extends Peer>(make: (send: (bytes: Uint8Array) => void) => P): Promise<TcpDevice<P>> {
  let socket: Socket | undefined;
  const peer = make((bytes) => {
    if (socket?.writable) socket.write(bytes);
  });
  const server = createServer((connection) => {
    socket = connection;
    connection.on('error', () => undefined);
    connection.on('data', (bytes) => peer.receive(bytes));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    spec: `tcp:127.0.0.1:${(server.address() as AddressInfo).port}`,
    peer,
    cut: () => socket?.destroy(),
    close: async () => {
      socket?.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
