import { errorText, isLabError, LabError } from '@hilltop/contracts';
import { readFirmware } from '../firmware-images.js';
import type { BytePort } from '../port.js';
import { EmulatedPico } from './emulated-pico.js';
import { openEmulatedPort } from './emulated-port.js';

/** Boards there is an emulator for, by the name of their firmware image. */
export const emulators = ['pico'] as const;

export interface OpenedEmulator {
  /** When it is closed, or lost, the board is off for good. */
  readonly port: BytePort;
  /** Its buttons. */
  readonly board: EmulatedPico;
}

/**
 * Switches on an emulated board with the firmware that ships, and opens its port. Throws `usage.invalid` for a board without an
 * emulator, `device.offline` when the image is not there, `artifact.corrupt` when it is damaged.
 */
export async function openEmulator(
  name: string,
  read: (name: string) => Uint8Array = readFirmware,
): Promise<OpenedEmulator> {
  if (!emulators.some((known) => known === name))
    throw new LabError('usage.invalid', `there is no emulator for "${name}"; there is one for ${emulators.join(', ')}`);
  const board = new EmulatedPico({ image: shipped(name, read) });
  try {
    const port = await openEmulatedPort(board);
    port.onClose(() => void board.close());
    const close = async (): Promise<void> => {
      await port.close();
      await board.close();
    };
    return { port: { ...port, close }, board };
  } catch (error) {
    await board.close();
    throw error;
  }
}

function shipped(name: string, read: (name: string) => Uint8Array): Uint8Array {
  try {
    return read(name);
  } catch (error) {
    if (isLabError(error)) throw error;
    throw new LabError(
      'device.offline',
      `the firmware for the emulated ${name} is not there: ${errorText(error)}; install the package again`,
      {},
      { cause: error },
    );
  }
}
