import { type BytePort, portOfStream } from '../port.js';
import { type PortIdentity, portIdentity } from '../port-identity.js';
import { EmulatedPico } from './emulated-pico.js';

/** Who is at the other side of an emulated cable. */
export const emulatedPicoIdentity: PortIdentity = { key: 'emulated-pico', name: 'emulator:pico' };

/** Likewise by USB: what the firmware's descriptors say, and a serial number no flash chip has. */
export const emulatedPicoUsbIdentity: PortIdentity = portIdentity({
  path: 'emulator:pico',
  vendorId: '1209',
  productId: '0001',
  serialNumber: 'emulated',
});

/** The port of an emulated board. Closing it leaves the board as it is; who made the board switches it off. */
export async function openEmulatedPort(
  board: EmulatedPico,
  identity = board.line === 'usb' ? emulatedPicoUsbIdentity : emulatedPicoIdentity,
): Promise<BytePort> {
  const stream = await board.open(identity.name);
  // A read that waits is how the stream hears that the board is gone, before anybody listens.
  stream.read(0);
  return portOfStream(stream, identity, {
    isOpen: () => stream.isOpen,
    close: () => new Promise((resolve) => (stream.isOpen ? stream.close(() => resolve()) : resolve())),
  });
}
