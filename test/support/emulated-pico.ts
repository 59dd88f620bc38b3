import { EmulatedPico, type EmulatedPicoOptions, openEmulatedPort, readFirmware } from '@hilltop/firmware-bridge';
import type { TestBoard } from './qemu.js';

/** The emulated Pico with the prebuilt image. */
export async function startEmulatedPico(options: Omit<EmulatedPicoOptions, 'image'> = {}): Promise<TestBoard> {
  const pico = new EmulatedPico({ image: readFirmware('pico'), ...options });
  return { open: () => openEmulatedPort(pico), log: () => '', stop: () => pico.close() };
}
