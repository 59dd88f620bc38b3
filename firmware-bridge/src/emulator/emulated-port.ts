import { type BytePort, portOfStream } from '../port.js';
import type { PortIdentity } from '../port-identity.js';
import { EmulatedPico } from './emulated-pico.js';

/** Who is at the other side of an emulated cable. */
export const emulatedPicoIdentity: PortIdentity = { key: 'emulator:pico', name: 'emulator:pico' };

/** The port of an emulated board. Closing it leaves the board as it is; who made the board switches it off. */
export async function openEmulatedPort(board: EmulatedPico, identity = emulatedPicoIdentity): Promise<BytePort> {
  const stream = await board.open(identity.name);
  return portOfStream(stream, identity, {
    isOpen: () => stream.isOpen,
    close: () => new Promise((resolve) => (stream.isOpen ? stream.close(() => resolve()) : resolve())),
  });
}
