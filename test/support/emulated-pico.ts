import { EmulatedPico, openEmulatedPort, readFirmware } from '@hilltop/firmware-bridge';
import type { TestBoard } from './qemu.js';

/** The emulated Pico with the prebuilt image. */
export async function startEmulatedPico(): Promise<TestBoard> {
  const pico = new EmulatedPico({ image: readFirmware('pico') });
  return { open: () => openEmulatedPort(pico), log: () => '', stop: () => pico.close() };
}
